import type { Message } from '@tickwire/channel-layer';
import type { Clock } from '@tickwire/protocol';

export interface PassingOptions {
  /** Sends to the group and keeps nothing. */
  readonly send: (group: string, message: Message) => Promise<void>;
  readonly clock: Pick<Clock, 'wall'>;
}

export interface PassingCounters {
  /** Published without being kept. */
  readonly passed: number;
  /** Not even that: the layer did not take them. */
  readonly unpassed: number;
}

/** By group, the newest message that is to be published without being kept. */
export interface Passing {
  readonly counters: PassingCounters;
  readonly size: number;
  put(group: string, message: Message): void;
  forget(group: string): void;
  clear(): void;
  waiting(): readonly (readonly [string, Message])[];
  /** Those that still wait. Not sent again: the next one says more. */
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
