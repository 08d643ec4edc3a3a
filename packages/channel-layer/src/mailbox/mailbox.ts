export interface MailboxOptions {
  /** Messages it holds. */
  readonly capacity: number;
  /** How long an unread message is kept. */
  readonly expiryMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Called for each message that is dropped unread. */
  readonly onDropped: (reason: 'full' | 'expired') => void;
}

/** The bounded queue behind a channel: encoded messages, oldest first, each for one reader. */
export interface Mailbox {
  readonly capacity: number;
  /** Messages waiting, expired ones included until `sweep`. */
  readonly size: number;
  /** Readers waiting; none while messages wait. */
  readonly readers: number;
  /** Returns false when it is full: nothing was stored. */
  offer(bytes: Uint8Array): boolean;
  /** Stores the message; a full mailbox drops its oldest one for it. */
  push(bytes: Uint8Array): void;
  /** Takes the oldest message. Rejects with the signal's reason; a message is never lost to an aborted reader. */
  take(signal?: AbortSignal): Promise<Uint8Array>;
  /** Drops expired messages. Returns when the next message will expire, Infinity for an empty mailbox. */
  sweep(): number;
  /** Rejects waiting and later readers with the error and drops all messages. */
  close(error: Error): void;
}

interface Letter {
  readonly bytes: Uint8Array;
  readonly expiresAtMs: number;
}

interface Reader {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
}

export const createMailbox = (options: MailboxOptions): Mailbox => {
  const { capacity, expiryMs, now, onDropped } = options;
  /** Oldest first: all messages live equally long, so the next to expire is always in front. */
  const letters: Letter[] = [];
  const readers = new Set<Reader>();
  let closedWith: Error | undefined;

  const sweep = (): number => {
    const nowMs = now();
    for (;;) {
      const oldest = letters[0];
      if (oldest === undefined) return Number.POSITIVE_INFINITY;
      if (oldest.expiresAtMs > nowMs) return oldest.expiresAtMs;
      letters.shift();
      onDropped('expired');
    }
  };

  const handOver = (bytes: Uint8Array): boolean => {
    for (const reader of readers) {
      readers.delete(reader);
      reader.resolve(bytes);
      return true;
    }
    return false;
  };

  const store = (bytes: Uint8Array): void => {
    letters.push({ bytes, expiresAtMs: now() + expiryMs });
  };

  const wait = (signal: AbortSignal | undefined): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const abort = (): void => {
        readers.delete(reader);
        reject(signal?.reason);
      };
      const reader: Reader = {
        resolve(bytes) {
          signal?.removeEventListener('abort', abort);
          resolve(bytes);
        },
        reject(reason) {
          signal?.removeEventListener('abort', abort);
          reject(reason);
        },
      };
      readers.add(reader);
      signal?.addEventListener('abort', abort, { once: true });
    });

  return {
    capacity,
    get size() {
      return letters.length;
    },
    get readers() {
      return readers.size;
    },
    offer(bytes) {
      if (closedWith !== undefined || handOver(bytes)) return true;
      sweep();
      if (letters.length >= capacity) return false;
      store(bytes);
      return true;
    },
    push(bytes) {
      if (closedWith !== undefined || handOver(bytes)) return;
      sweep();
      if (letters.length >= capacity) {
        letters.shift();
        onDropped('full');
      }
      store(bytes);
    },
    async take(signal) {
      if (closedWith !== undefined) throw closedWith;
      signal?.throwIfAborted();
      sweep();
      return letters.shift()?.bytes ?? wait(signal);
    },
    sweep,
    close(error) {
      closedWith ??= error;
      letters.length = 0;
      for (const reader of readers) reader.reject(closedWith);
      readers.clear();
    },
  };
};
