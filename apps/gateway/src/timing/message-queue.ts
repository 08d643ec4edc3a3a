import { createTurns, type Turns } from '@tickwire/hub';

/** A sender of messages. If it can be paused, nothing more is read from it while some wait. */
export interface Sender {
  pause?(): void;
  resume?(): void;
}

/**
 * Divides the messages of all clients among turns of the event loop. Otherwise a thousand clients that each send one
 * full message at the same moment are all served before anybody gets a tick.
 */
export interface MessageQueue {
  readonly waiting: number;
  /**
   * Does the work for a message of this length: at once if the turn has room, else in a later one, behind the earlier
   * messages of its sender. The work handles its own errors.
   */
  run(sender: Sender, bytes: number, work: () => void): void;
  /** The sender is gone: what waits is dropped. */
  forget(sender: Sender): void;
}

export interface MessageQueueOptions {
  /** Long messages can be much work: they follow the short ones of a turn, one at least. @default 4_096 */
  readonly longBytes?: number;
  /** @default turns of 8 ms */
  readonly turns?: Pick<Turns, 'enter'>;
}

interface Waiting {
  readonly isLong: boolean;
  readonly work: () => void;
}

export const createMessageQueue = (options: MessageQueueOptions = {}): MessageQueue => {
  const { longBytes = 4_096, turns = createTurns() } = options;
  /** Bounded by what is read of a sender before it is paused, and by its allowance of commands. */
  const queues = new Map<Sender, Waiting[]>();
  let waiting = 0;

  /** One message a turn: the next waits behind those of all senders. */
  const drain = async (sender: Sender, queue: Waiting[], first: Promise<void>): Promise<void> => {
    await first;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      waiting -= 1;
      if (queue.length === 0) {
        queues.delete(sender);
        sender.resume?.();
      }
      next.work();
      const turn = queue[0] && turns.enter(queue[0].isLong);
      if (turn !== undefined) await turn;
    }
  };

  return {
    get waiting() {
      return waiting;
    },
    run(sender, bytes, work) {
      const added: Waiting = { isLong: bytes >= longBytes, work };
      const known = queues.get(sender);
      const turn = known === undefined ? turns.enter(added.isLong) : undefined;
      if (known === undefined && turn === undefined) {
        work();
        return;
      }
      waiting += 1;
      if (known !== undefined) {
        known.push(added);
      } else if (turn !== undefined) {
        const queue = [added];
        queues.set(sender, queue);
        sender.pause?.();
        void drain(sender, queue, turn);
      }
    },
    forget(sender) {
      const queue = queues.get(sender);
      waiting -= queue?.length ?? 0;
      queue?.splice(0);
      queues.delete(sender);
    },
  };
};
