import type { Message } from '@tickwire/channel-layer';
import type { Clock } from '@tickwire/protocol';

export interface PassingOptions {
  /** Sends to the group; history keeps nothing of it. */
  readonly send: (group: string, message: Message) => Promise<void>;
  readonly clock: Pick<Clock, 'wall'>;
}

export interface PassingCounters {
  /** Messages published that history does not keep. */
  readonly passed: number;
  /** Messages that the layer did not accept. */
  readonly unpassed: number;
}

/** The newest message of each group that is to be published but not kept in history. */
export interface Passing {
  readonly counters: PassingCounters;
  readonly size: number;
  put(group: string, message: Message): void;
  forget(group: string): void;
  clear(): void;
  waiting(): readonly (readonly [string, Message])[];
  /** Sends those of the messages that still wait. A failure is not repeated: the next message replaces this one. */
  send(messages: readonly (readonly [string, Message])[]): Promise<void>;
}

export const createPassing = ({ send, clock }: PassingOptions): Passing => {
  const waiting = new Map<string, Message>();
  const counters = { passed: 0, unpassed: 0 };

  return {
    counters,
    get size() {
      return waiting.size;
    },
    put: (group, message) => void waiting.set(group, message),
    forget: (group) => void waiting.delete(group),
    clear: () => waiting.clear(),
    waiting: () => [...waiting],
    async send(messages) {
      const pts = clock.wall();
      const sendOne = async ([group, message]: readonly [string, Message]): Promise<void> => {
        if (waiting.get(group) !== message) return;
        waiting.delete(group);
        try {
          await send(group, { ...message, pts });
          counters.passed += 1;
        } catch {
          counters.unpassed += 1;
        }
      };
      await Promise.all(messages.map(sendOne));
    },
  };
};
