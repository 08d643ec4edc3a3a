/** Who sends messages. Nothing more of it is read while some wait, if it can be paused. */
export interface Sender {
  pause?(): void;
  resume?(): void;
}

/**
 * Divides the messages of all clients among turns of the event loop. Otherwise a thousand clients that each send one
 * full message at the same moment are all served before anybody gets a tick.
 */
export interface MessageTurns {
  readonly waiting: number;
  /**
   * Does the work for a message of this length: at once if the turn has room, else in a later one, behind the earlier
   * messages of its sender. The work handles its own errors.
   */
  run(sender: Sender, bytes: number, work: () => void): void;
  /** The sender is gone: what waits is dropped. */
  forget(sender: Sender): void;
}

export interface MessageTurnsOptions {
  /** Work in one turn of the event loop, in milliseconds. @default 8 */
  readonly perTurnMs?: number;
  /** Long messages can be much work: they follow the short ones of a turn, one at least. @default 4_096 */
  readonly longBytes?: number;
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: () => number;
}

interface Waiting {
  readonly isLong: boolean;
  readonly work: () => void;
}

export const createMessageTurns = (options: MessageTurnsOptions = {}): MessageTurns => {
  const { perTurnMs = 8, longBytes = 4_096, now = () => performance.now() } = options;
  /** Bounded by what is read of a sender before it is paused, and by its allowance of commands. */
  const queues = new Map<Sender, Waiting[]>();
  /** Senders by the length of their next message, in the order of their turns. */
  const short = new Set<Sender>();
  const long = new Set<Sender>();
  /** When the first work of this turn began; undefined before it. */
  let beganAt: number | undefined;
  let isTurning = false;
  let waiting = 0;

  const begin = (work: () => void): void => {
    beganAt ??= now();
    turnLater();
    work();
  };

  const isOver = (): boolean => beganAt !== undefined && now() - beganAt >= perTurnMs;

  const ringOf = ({ isLong }: Waiting): Set<Sender> => (isLong ? long : short);

  /** The next message of the sender that has waited longest; its others wait behind those of all senders. */
  const serve = (ring: Set<Sender>): void => {
    const [sender] = ring;
    const queue = sender && queues.get(sender);
    const next = queue?.shift();
    if (sender === undefined || queue === undefined || next === undefined) return;
    ring.delete(sender);
    waiting -= 1;
    const [following] = queue;
    if (following !== undefined) {
      ringOf(following).add(sender);
    } else {
      queues.delete(sender);
      sender.resume?.();
    }
    begin(next.work);
  };

  const turn = async (): Promise<void> => {
    isTurning = false;
    beganAt = undefined;
    if (queues.size > 0) turnLater();
    while (short.size > 0 && !isOver()) {
      serve(short);
      await promisesSettled();
    }
    do {
      serve(long);
      await promisesSettled();
    } while (long.size > 0 && !isOver());
  };

  const turnLater = (): void => {
    if (isTurning) return;
    isTurning = true;
    setImmediate(() => void turn());
  };

  return {
    get waiting() {
      return waiting;
    },
    run(sender, bytes, work) {
      const queue = queues.get(sender);
      if (queue === undefined && !isOver()) {
        begin(work);
        return;
      }
      const added: Waiting = { isLong: bytes >= longBytes, work };
      waiting += 1;
      if (queue !== undefined) {
        queue.push(added);
        return;
      }
      queues.set(sender, [added]);
      ringOf(added).add(sender);
      sender.pause?.();
      turnLater();
    },
    forget(sender) {
      waiting -= queues.get(sender)?.length ?? 0;
      queues.delete(sender);
      short.delete(sender);
      long.delete(sender);
    },
  };
};

/** What the work left to promises belongs to its turn as well. */
const promisesSettled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
