import { Centrifuge, type PublicationContext, type Subscription, type SubscriptionOptions } from 'centrifuge';
import { createLatencyStats, type LatencyStats } from '../model/latency.js';
import { delayText, type Problem, problemOf } from '../model/problem.js';
import { createRate, type Rate } from '../model/rate.js';
import { shareFollows } from './shared-follow.js';

/** Life of the connection to a gateway, each state with what is known in it. */
export type ConnectionState =
  | { readonly name: 'connecting'; readonly reason: string }
  | { readonly name: 'live'; readonly gateway: string }
  /** It was live and will be again; the SDK tries with growing pauses. */
  | { readonly name: 'reconnecting'; readonly reason: string; readonly since: number }
  /** Ended for good, until the viewer asks again. */
  | { readonly name: 'refused'; readonly problem: Problem };

/** How a publication arrived. */
export type Arrival =
  /** As it was published. */
  | 'live'
  /** Missed while there was no connection, and read back. */
  | 'recovered'
  /** Older than the subscription. */
  | 'history';

export interface Received<Message> {
  readonly message: Message;
  /** Position in history; 0 if the message has none. */
  readonly seq: number;
  readonly arrival: Arrival;
}

/**
 * How a subscription begins: for the first time, right behind the last publication received, or with something between
 * that history no longer holds.
 */
export type Start = 'fresh' | 'recovered' | 'lost';

export interface FollowOptions {
  /** At most one publication, the newest, in this many milliseconds. */
  readonly intervalMs?: number;
  /** Begin with this many of the newest publications. */
  readonly last?: number;
  /** Called when the subscription stands, first and again after each reconnect, before anything is received on it. */
  readonly onStart?: (start: Start) => void;
  readonly onRefused?: (problem: Problem, code: number) => void;
  /**
   * Measures how late publications arrive. Only for channels without an interval, which would add its own wait.
   * @default false
   */
  readonly isTimed?: boolean;
}

export interface ClientCounters {
  received: number;
  recovered: number;
  /** Publications skipped on the way: by the requested interval, or because this page reads too slowly. */
  conflated: number;
  reconnects: number;
}

/** Follows channels over one connection, which reconnects by itself and continues where it was. */
export interface LiveClient {
  readonly state: ConnectionState;
  /** The gateway has reported that it lost its own source, or rejects a channel for now because of it. */
  readonly isGatewayStale: boolean;
  /** The gateway has reported that publications of this channel may be late. */
  isStale(channel: string): boolean;
  readonly counters: Readonly<ClientCounters>;
  readonly rate: Rate;
  /** From the venue's clock to here, and from the moment of publishing. Negative where clocks differ. */
  readonly fromVenue: LatencyStats;
  readonly fromPublish: LatencyStats;
  readonly roundTripMs: number | undefined;
  onState(listener: (state: ConnectionState) => void): void;
  /** Called whenever anything is received. */
  onReceived(listener: () => void): void;
  connect(): void;
  /** Returns a function that ends it. A channel that is followed already is shared. */
  follow<Message>(
    channel: string,
    options: FollowOptions,
    onMessage: (received: Received<Message>) => void,
  ): () => void;
  /**
   * Publications of a channel, newest first, before `beforeSeq` or from the newest back; empty where there are none.
   */
  readBack<Message>(channel: string, limit: number, beforeSeq?: number): Promise<readonly Received<Message>[]>;
  /** Runs several `follow` and `readBack` as one message to the gateway. */
  together<Result>(act: () => Result): Result;
  measureRoundTrip(): Promise<void>;
}

export interface LiveClientOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** Name of the gateway if it does not give one. */
  readonly fallbackName: string;
  /** Never goes back. */
  readonly now: () => number;
  /** Compared with the times of publications. */
  readonly wall: () => number;
  readonly isOnline: () => boolean;
}

interface Timed {
  readonly ts?: number;
  readonly pts?: number;
}

/** Pause before the first attempt to reconnect, and the longest one, also between those to follow a channel. */
const minReconnectMs = 200;
const maxReconnectMs = 5_000;

export const createLiveClient = (options: LiveClientOptions): LiveClient => {
  const { now, wall } = options;
  const client = new Centrifuge(options.url, {
    websocket: observedSocket((code) => whileConnecting(delayText(code, options.isOnline()))),
    name: 'tickwire-dashboard',
    minReconnectDelay: minReconnectMs,
    maxReconnectDelay: maxReconnectMs,
    ...(options.token !== undefined && { token: options.token }),
  });
  const counters: ClientCounters = { received: 0, recovered: 0, conflated: 0, reconnects: 0 };
  const rate = createRate();
  const fromVenue = createLatencyStats();
  const fromPublish = createLatencyStats();
  const stateListeners: ((state: ConnectionState) => void)[] = [];
  const receiveListeners: (() => void)[] = [];
  const openChannels = new Set<string>();
  const staleChannels = new Set<string>();
  /** Not followed yet: the SDK asks again and again. */
  const awaitedChannels = new Set<string>();
  let state: ConnectionState = { name: 'connecting', reason: 'Connecting' };
  let wasLive = false;
  let lostAt = 0;
  let roundTripMs: number | undefined;

  const setState = (next: ConnectionState): void => {
    state = next;
    for (const listener of stateListeners) listener(next);
  };

  /** Why it takes longer than usual: several tries may fail before one is answered. */
  const whileConnecting = (reason: string): void => {
    if (state.name !== 'connecting' && state.name !== 'reconnecting') return;
    if (state.reason !== reason) setState({ ...state, reason });
  };

  client.on('connected', ({ data }) => {
    if (wasLive) counters.reconnects += 1;
    wasLive = true;
    staleChannels.clear();
    awaitedChannels.clear();
    setState({ name: 'live', gateway: gatewayName(data) ?? options.fallbackName });
  });
  client.on('connecting', ({ code }) => {
    const reason = wasLive ? delayText(code, options.isOnline()) : 'Connecting';
    if (state.name === 'live') lostAt = now();
    setState(wasLive ? { name: 'reconnecting', reason, since: lostAt } : { name: 'connecting', reason });
  });
  client.on('disconnected', ({ code }) => setState({ name: 'refused', problem: problemOf(code) }));
  client.on('message', ({ data }) => {
    const { type, channel } = (data ?? {}) as { type?: string; channel?: string };
    if (channel === undefined) return;
    if (type === 'channel.stale' && openChannels.has(channel)) staleChannels.add(channel);
    if (type === 'channel.live') staleChannels.delete(channel);
    for (const listener of receiveListeners) listener();
  });

  const account = (arrival: Arrival, timed: Timed | undefined, skipped: number): void => {
    counters.received += 1;
    counters.conflated += skipped;
    if (arrival !== 'history') rate.add(now());
    if (arrival === 'recovered') counters.recovered += 1;
    if (arrival === 'live') {
      const at = wall();
      if (timed?.ts !== undefined) fromVenue.add(at - timed.ts);
      if (timed?.pts !== undefined) fromPublish.add(at - timed.pts);
    }
    for (const listener of receiveListeners) listener();
  };

  const forget = (channel: string): void => {
    openChannels.delete(channel);
    staleChannels.delete(channel);
    awaitedChannels.delete(channel);
  };

  const listen = <Message>(
    subscription: Subscription,
    { onStart, onRefused, isTimed = false }: FollowOptions,
    onMessage: (received: Received<Message>) => void,
  ): void => {
    let lastSeq = 0;
    let arrival: Arrival = 'history';
    subscription.on('subscribed', ({ wasRecovering, recovered }) => {
      awaitedChannels.delete(subscription.channel);
      if (!recovered) lastSeq = 0;
      onStart?.(recovered ? 'recovered' : wasRecovering ? 'lost' : 'fresh');
      arrival = recovered ? 'recovered' : 'history';
      // What the subscription begins with is handed out in this same turn.
      queueMicrotask(() => {
        arrival = 'live';
      });
    });
    subscription.on('publication', ({ data, offset = 0, tags }: PublicationContext) => {
      const skipped = Number(tags?.['skipped'] ?? 0);
      const left = lastSeq > 0 && arrival === 'live' ? Math.max(skipped, offset - lastSeq - 1) : 0;
      if (offset > 0) lastSeq = offset;
      account(arrival, isTimed ? (data as Timed) : undefined, left);
      onMessage({ message: data as Message, seq: offset, arrival });
    });
    subscription.on('error', ({ error }) => {
      if (error.code === internalError) awaitedChannels.add(subscription.channel);
    });
    // Not for what this page ended itself: those have codes below 100.
    subscription.on('unsubscribed', ({ code }) => {
      if (code < 100) return;
      forget(subscription.channel);
      onRefused?.(problemOf(code), code);
    });
  };

  const readBack: LiveClient['readBack'] = async <Message>(channel: string, limit: number, beforeSeq?: number) => {
    const since = beforeSeq === undefined ? {} : { since: { offset: beforeSeq, epoch: '' } };
    const { publications } = await client.history(channel, { limit, reverse: true, ...since });
    return publications.map(({ data, offset = 0 }) => {
      return { message: data as Message, seq: offset, arrival: 'history' as const };
    });
  };

  const open: LiveClient['follow'] = (channel, followOptions, onMessage) => {
    const { intervalMs, last } = followOptions;
    const data = { ...(intervalMs !== undefined && { interval: intervalMs }), ...(last !== undefined && { last }) };
    const subscription = client.newSubscription(channel, {
      data,
      maxResubscribeDelay: maxReconnectMs,
    } satisfies Partial<SubscriptionOptions>);
    listen(subscription, followOptions, onMessage);
    openChannels.add(channel);
    subscription.subscribe();
    return () => {
      forget(channel);
      subscription.removeAllListeners();
      client.removeSubscription(subscription);
    };
  };

  return {
    get state() {
      return state;
    },
    get isGatewayStale() {
      // One that only some channels lack its source for has not lost it.
      const isEveryStale = staleChannels.size > 0 && staleChannels.size === openChannels.size;
      return isEveryStale || awaitedChannels.size > 0;
    },
    isStale: (channel) => staleChannels.has(channel),
    counters,
    rate,
    fromVenue,
    fromPublish,
    get roundTripMs() {
      return roundTripMs;
    },
    onState: (listener) => void stateListeners.push(listener),
    onReceived: (listener) => void receiveListeners.push(listener),
    connect: () => client.connect(),

    follow: shareFollows(open, readBack),
    readBack,

    together(act) {
      client.startBatching();
      try {
        return act();
      } finally {
        client.stopBatching();
      }
    },

    async measureRoundTrip() {
      const startedAt = performance.now();
      try {
        // The SDK has no ping of its own. Every gateway answers this request at once, with an error and without Redis.
        await client.rpc('ping', null);
      } catch (error) {
        if ((error as { code?: number }).code !== methodNotFound) return;
      }
      roundTripMs = performance.now() - startedAt;
    },
  };
};

const methodNotFound = 104;
/** The gateway cannot serve the request now, and may later. */
const internalError = 100;

/** Reports the code of every close. The SDK reports none if the close comes before the answer to the connect. */
const observedSocket = (onClose: (code: number) => void): typeof WebSocket =>
  class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('close', ({ code }) => onClose(code));
    }
  };

/** A gateway that gives its name does so with the answer to the connect. */
const gatewayName = (data: unknown): string | undefined => {
  if (typeof data !== 'object' || data === null) return undefined;
  const { gateway, node } = data as { gateway?: unknown; node?: unknown };
  const name = gateway ?? node;
  return typeof name === 'string' && name !== '' ? name : undefined;
};
