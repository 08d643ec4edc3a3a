import { LayerClosed, LayerRejected, LayerUnavailable } from '../errors.js';
import type { ConnectionEvents, RedisConnection } from './connection.js';

export interface LinkOptions {
  /** Names the server in errors. */
  readonly label: string;
  readonly open: (events: ConnectionEvents, signal: AbortSignal) => Promise<RedisConnection>;
  readonly onMessage: ConnectionEvents['onMessage'];
  /** Prepares a new connection before `onUp`: subscribes. A rejection drops it, and another is opened. */
  readonly prepare: (connection: RedisConnection) => Promise<void>;
  /** The connection, prepared or not, is gone. */
  readonly onDown: (reason: string) => void;
  readonly onUp: () => void;
  /** A later attempt found a server that rejects this client: its reason says more than that of the loss. */
  readonly onRejected?: (reason: string) => void;
  /** Milliseconds to wait before the attempt after this many failed ones. */
  readonly delayMs: (failures: number) => number;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
}

/** A connection that ends sooner than this counts as a failed attempt, so that the pauses grow. */
const stableMs = 1_000;

/** A connection that is reopened each time it ends, until the link is closed. */
export interface Link {
  /** @throws LayerUnavailable, at once, while there is no connection; LayerClosed. */
  current(): RedisConnection;
  /** Opens it for the first time. If that fails, it rejects with the reason and does not retry. */
  start(): Promise<void>;
  /** Drops the connection, if there is one, so that another is opened. */
  drop(reason: string): void;
  close(): Promise<void>;
}

export const createLink = (options: LinkOptions): Link => {
  const { label, open, onMessage, prepare, onDown, onUp, onRejected, delayMs, now = () => performance.now() } = options;
  const closing = new AbortController();
  let connection: RedisConnection | undefined;
  let isUp = false;
  let upAt = 0;
  /** Failed attempts in a row; a connection that ends at once counts as one. */
  let failures = 0;
  let downReason = 'not connected yet';
  let timer: NodeJS.Timeout | undefined;
  /** The attempt in progress, so that `close` also ends a connection that opens after it. */
  let attempt: Promise<void> = Promise.resolve();

  const openOnce = async (): Promise<void> => {
    let endReason: string | undefined;
    const assertAlive = (): void => {
      if (closing.signal.aborted) throw new LayerClosed();
      if (endReason !== undefined) throw new LayerUnavailable(endReason);
    };
    const opened = await open(
      {
        onMessage,
        onDown(reason) {
          endReason = reason;
          if (closing.signal.aborted || connection === undefined) return;
          connection = undefined;
          downReason = reason;
          onDown(reason);
          // A connection that ends during preparation fails its attempt, which starts the next one.
          if (!isUp) return;
          isUp = false;
          failures = now() - upAt < stableMs ? failures + 1 : 0;
          retry();
        },
      },
      closing.signal,
    );
    try {
      assertAlive();
      connection = opened;
      await prepare(opened);
      assertAlive();
    } catch (error) {
      opened.drop(reasonOf(error));
      throw error;
    }
    isUp = true;
    upAt = now();
    onUp();
  };

  const retry = (): void => {
    timer = setTimeout(() => {
      attempt = openOnce().catch((error: unknown) => {
        downReason = reasonOf(error);
        failures += 1;
        if (error instanceof LayerRejected) onRejected?.(downReason);
        if (!closing.signal.aborted) retry();
      });
    }, delayMs(failures));
  };

  return {
    current() {
      if (closing.signal.aborted) throw new LayerClosed();
      if (connection === undefined) throw new LayerUnavailable(`Redis at ${label} is not connected: ${downReason}`);
      return connection;
    },
    start() {
      const first = openOnce();
      attempt = first.catch(() => {});
      return first;
    },
    drop(reason) {
      connection?.drop(reason);
    },
    async close() {
      closing.abort();
      clearTimeout(timer);
      const last = connection;
      connection = undefined;
      await Promise.all([last?.close(), attempt]);
    },
  };
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export interface BackoffOptions {
  /** First delay. @default 50 */
  readonly firstMs?: number;
  /** Longest delay. @default 1_000 */
  readonly maxMs?: number;
  /** @default Math.random */
  readonly random?: () => number;
}

/**
 * The wait before the attempt after `failures` failed ones. It doubles, and its upper half is random, so that a fleet
 * that lost its server together does not reconnect together.
 */
export const createBackoff = (options: BackoffOptions = {}): ((failures: number) => number) => {
  const { firstMs = 50, maxMs = 1_000, random = Math.random } = options;
  return (failures) => Math.min(maxMs, firstMs * 2 ** failures) * (0.5 + random() / 2);
};
