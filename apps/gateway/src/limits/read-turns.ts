import { BacklogFull, createWorkSlots } from '@tickwire/hub';
import { shareOf } from '../workers/worker-count.js';

/** Too many reads are running or waiting, in all or from one address, or its answers are not taken. */
export class TooManyReads extends Error {
  override readonly name = 'TooManyReads';
  readonly code = 'TOO_MANY_READS';
}

/**
 * Runs the history reads of HTTP requests a few at a time, one turn of the event loop apart. The others wait, so that
 * broadcasts and the pings of the layer continue in between.
 */
export interface ReadTurns {
  /** Number of reads waiting for their turn. */
  readonly waiting: number;
  /**
   * The read counts for its address until it is `answered`: answers that nobody takes are memory.
   * @throws TooManyReads, or what the read throws.
   */
  run<T>(address: string, read: () => Promise<T>, options?: ReadOptions): Promise<T>;
}

export interface ReadOptions {
  readonly answered?: Promise<unknown>;
  /** Names what is read. A request with the name of a read that has not begun gets its result, and needs no turn. */
  readonly key?: string;
}

export interface ReadTurnsOptions {
  /** How many share these bounds: each counts its part of them. @default 1 */
  readonly workers?: number;
  /** @default 4 */
  readonly atOnce?: number;
  /** @default 256 */
  readonly maxWaiting?: number;
  /** Running, waiting or not taken yet, per address. @default 64 */
  readonly maxOfAddress?: number;
  readonly onRefused: () => void;
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: () => number;
}

export const createReadTurns = (options: ReadTurnsOptions): ReadTurns => {
  const { workers = 1, onRefused, now = () => performance.now() } = options;
  const atOnce = shareOf(options.atOnce ?? 4, workers);
  const maxWaiting = shareOf(options.maxWaiting ?? 256, workers);
  const maxOfAddress = shareOf(options.maxOfAddress ?? 64, workers);
  const slots = createWorkSlots({ atOnce, maxWaiting, now });
  const byAddress = new Map<string, number>();
  /** Reads that wait, by their key. */
  const waiting = new Map<string, Promise<unknown>>();

  const reject = (what: string): never => {
    onRefused();
    throw new TooManyReads(`${what}: try again`);
  };

  const release = (address: string): void => {
    const left = (byAddress.get(address) ?? 0) - 1;
    if (left > 0) byAddress.set(address, left);
    else byAddress.delete(address);
  };

  const runOnce = <T>(read: () => Promise<T>, key: string | undefined): Promise<T> => {
    if (key === undefined) return slots.run(read);
    // The same key is the same read.
    const known = waiting.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    let isWaiting = true;
    const running = slots.run(() => {
      isWaiting = false;
      waiting.delete(key);
      return read();
    });
    if (isWaiting) {
      waiting.set(key, running);
      // A read that found no room, or was given up before it began, must not be shared.
      running.catch(() => {
        if (waiting.get(key) === running) waiting.delete(key);
      });
    }
    return running;
  };

  return {
    get waiting() {
      return slots.waiting;
    },
    async run(address, read, { answered, key } = {}) {
      const count = byAddress.get(address) ?? 0;
      if (count >= maxOfAddress) return reject(`more than ${maxOfAddress} reads from one address at once`);
      byAddress.set(address, count + 1);
      try {
        return await runOnce(read, key);
      } catch (error) {
        return error instanceof BacklogFull
          ? reject(`more than ${maxWaiting} reads are waiting`)
          : Promise.reject(error);
      } finally {
        if (answered === undefined) release(address);
        else void answered.then(() => release(address));
      }
    },
  };
};
