import type { Redis, RedisOptions } from 'ioredis';
import { LayerRejected, LayerUnavailable } from '../errors.js';
import { connectClient } from './connect-client.js';
import { createHeartbeat } from './heartbeat.js';
import type { RedisTarget } from './hosts.js';
import { type Address, addressAt, findCause } from './other-protocol.js';
import { asBuffer, describeError, isErrorReply, isOfDatabase, isOfWrongServer, isRejection } from './replies.js';

/** One connection to one server, from its opening to its end. It is never reopened: `link.ts` makes a new one. */
export interface RedisConnection {
  publish(address: string, payload: Uint8Array): Promise<void>;
  /** Resolves when the server has acknowledged all addresses. Calls are carried out in order. */
  subscribe(addresses: readonly string[]): Promise<void>;
  unsubscribe(addresses: readonly string[]): Promise<void>;
  /** Any other command; strings in the reply are Buffers. An error reply rejects as ioredis' ReplyError. */
  call(command: string, args: readonly (string | number | Buffer)[]): Promise<unknown>;
  /** Drops the connection: pending commands reject, and `onDown` is called. */
  drop(reason: string): void;
  /** Lets pending commands finish, then closes; resolves when the server has closed. No `onDown`. */
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly target: RedisTarget;
  /**
   * Milliseconds between heartbeats (PING, or INFO with `mustWrite`). A heartbeat without an answer before the next
   * ends the connection.
   */
  readonly pingMs: number;
  /** How long opening may take, greeting included: a stopped server accepts connections and never answers. */
  readonly connectMs: number;
  /** Commands that may wait for their reply. Subscriptions do not count: their sender limits their number. */
  readonly maxPending: number;
  /** Cancels opening; without effect on an open connection. */
  readonly signal: AbortSignal;
  /**
   * The connection publishes and writes, so it must be to a master: one that becomes a replica is left. @default false
   */
  readonly mustWrite?: boolean;
  /** SPUBLISH, SSUBSCRIBE and SUNSUBSCRIBE: in a cluster an address is then on one node. @default false */
  readonly sharded?: boolean;
}

export interface ConnectionEvents {
  /** On the hot path: once per message. The payload may be a view of a larger buffer. */
  readonly onMessage: (address: Buffer, payload: Buffer) => void;
  /** Called once, at the end of a connection that `close` did not end. */
  readonly onDown: (reason: string) => void;
  /** Before `onDown`: the server is now a replica, so another connection to it is useless too. */
  readonly onWrongServer?: (reason: string) => void;
  /** The server ended sharded subscriptions itself, as when a slot moves; `held` are those that are left. */
  readonly onWithdrawn?: (held: ReadonlySet<string>) => void;
}

/** How often a server that is loading its data is tried again; ioredis would wait as long as the server says. */
const loadingRetryMs = 100;

/** Reconnecting, queueing and resubscribing are not left to ioredis, because it does them in silence. */
const singleUse = {
  lazyConnect: true,
  retryStrategy: () => null,
  sentinelRetryStrategy: () => null,
  enableOfflineQueue: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  maxLoadingRetryTime: loadingRetryMs,
  disableClientInfo: true,
} satisfies RedisOptions;

/** @throws LayerUnavailable with one sentence that names the server and the reason. */
export const openConnection = async (
  options: ConnectionOptions,
  events: ConnectionEvents,
): Promise<RedisConnection> => {
  const { target, pingMs, connectMs, maxPending, signal, mustWrite = false, sharded = false } = options;
  const client = await createClient(target, connectMs);
  const verbs = sharded ? shardedVerbs(client) : plainVerbs(client);
  /** ioredis emits the reason as an event and rejects with "Connection is closed". */
  let lastError: Error | undefined;
  let state: 'opening' | 'open' | 'closing' | 'down' = 'opening';
  let pending = 0;
  let isWithdrawn = false;

  const destroy = (): void => {
    // If the socket is already closed, `disconnect` would wait two seconds for the end.
    if (client.status === 'end') return;
    client.disconnect();
    // Otherwise a dead peer keeps the socket, and the pending replies, open for two more seconds.
    client.stream?.destroy();
  };

  const end = (reason: string): void => {
    if (state === 'down') return;
    const wasOpen = state === 'open';
    state = 'down';
    // Pending commands fail with the reason.
    lastError ??= new Error(reason);
    heartbeat.stop();
    destroy();
    if (wasOpen) events.onDown(reason);
  };

  const leave = (reason: string): void => {
    if (state === 'open') events.onWrongServer?.(reason);
    end(reason);
  };

  const reportWithdrawn = (): void => {
    isWithdrawn = false;
    const subscriptions = client.condition?.subscriber;
    if (state === 'open') events.onWithdrawn?.(new Set(subscriptions ? subscriptions.channels('ssubscribe') : []));
  };

  const heartbeat = createHeartbeat({
    client,
    pingMs,
    mustWrite,
    onSilent: () => end(`no answer to PING within ${pingMs} ms`),
    onReplica: () => leave('the server became a replica'),
  });

  const runBounded = <T>(command: () => Promise<T>): Promise<T> => {
    if (pending < maxPending) return run(command);
    return Promise.reject(new LayerUnavailable(`${pending} commands are waiting for Redis at ${target.label}`));
  };

  const run = async <T>(command: () => Promise<T>): Promise<T> => {
    if (state !== 'open') throw new LayerUnavailable(`Redis at ${target.label} is not connected`);
    pending += 1;
    try {
      return await command();
    } catch (error) {
      if (isOfWrongServer(error)) leave(error.message);
      if (isErrorReply(error)) throw error;
      const reason = describeError(lastError ?? error);
      throw new LayerUnavailable(`the connection to Redis at ${target.label} was lost: ${reason}`, {
        cause: error,
        mayHaveRun: true,
      });
    } finally {
      pending -= 1;
    }
  };

  const rejection = (error: unknown): never => {
    if (!isErrorReply(error)) throw error;
    throw new LayerUnavailable(`Redis at ${target.label} rejected the command: ${error.message}`, { cause: error });
  };

  client.on('error', (error: Error) => {
    lastError = error;
  });
  client.on(sharded ? 'smessageBuffer' : 'messageBuffer', (address: Buffer, payload: Buffer) => {
    events.onMessage(address, payload);
  });
  // ioredis reports neither which address nor how many; earlier acknowledgements are processed first.
  client.on('moved', () => {
    if (isWithdrawn) return;
    isWithdrawn = true;
    setImmediate(reportWithdrawn);
  });
  client.once('close', () =>
    end(lastError === undefined ? 'the server closed the connection' : describeError(lastError)),
  );

  /** The master that Sentinels named. */
  let master: Address | undefined;
  client.once('connect', () => {
    master = addressAt(client.stream);
  });
  const giveUp = (reason: Error): void => {
    lastError = reason;
    destroy();
  };
  try {
    await connectClient(client, { connectMs, signal, giveUp, isOpening: () => state === 'opening' });
    assertStill('opening', state);
    // Otherwise database 0 would be used without a word.
    if (isOfDatabase(lastError)) throw lastError;
  } catch (error) {
    const failure = lastError ?? error;
    end('connecting failed');
    const cause = await findCause(client.options, failure, master);
    const sentence = `cannot connect to Redis at ${target.label}: ${describeError(cause)}`;
    const isFinal = cause instanceof LayerRejected || isRejection(cause);
    throw new (isFinal ? LayerRejected : LayerUnavailable)(sentence, { cause });
  }
  state = 'open';
  heartbeat.start();

  return {
    publish: (address, payload) =>
      runBounded(() => verbs.publish(address, asBuffer(payload))).then(noResult, rejection),
    subscribe: (addresses) => run(() => verbs.subscribe(addresses)).then(noResult, rejection),
    unsubscribe: (addresses) => run(() => verbs.unsubscribe(addresses)).then(noResult, rejection),
    call: (command, args) => runBounded(() => client.callBuffer(command, [...args])),
    drop: end,
    async close() {
      if (state !== 'open') return;
      state = 'closing';
      heartbeat.stop();
      await new Promise<void>((resolve) => {
        const cut = setTimeout(() => {
          destroy();
          resolve();
        }, pingMs);
        // The server ends the subscriptions before it closes, so the end means that no trace is left.
        client.once('end', () => {
          clearTimeout(cut);
          resolve();
        });
        client.quit().catch(destroy);
      });
    },
  };
};

/** The connection may have ended between the event that resolved `connect` and the turn that handles it. */
const assertStill = (wanted: string, state: string): void => {
  if (state !== wanted) throw new Error('connection closed');
};

/** Loads ioredis with the first connection: what runs in memory alone starts without it. */
const createClient = async (target: RedisTarget, connectMs: number): Promise<Redis> => {
  const { Redis } = await import('ioredis');
  const options = { ...target.options, ...singleUse, connectTimeout: connectMs };
  return target.url === undefined ? new Redis(options) : new Redis(target.url, options);
};

interface Verbs {
  publish(address: string, payload: Buffer): Promise<unknown>;
  subscribe(addresses: readonly string[]): Promise<unknown>;
  unsubscribe(addresses: readonly string[]): Promise<unknown>;
}

const plainVerbs = (client: Redis): Verbs => ({
  publish: (address, payload) => client.publish(address, payload),
  subscribe: (addresses) => client.subscribe(...addresses),
  unsubscribe: (addresses) => client.unsubscribe(...addresses),
});

/** Addresses of several slots are not allowed in one command. */
const shardedVerbs = (client: Redis): Verbs => ({
  publish: (address, payload) => client.spublish(address, payload),
  subscribe: (addresses) => Promise.all(addresses.map((address) => client.ssubscribe(address))),
  unsubscribe: (addresses) => Promise.all(addresses.map((address) => client.sunsubscribe(address))),
});

const noResult = (): void => {};
