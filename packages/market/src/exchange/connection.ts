import type { Clock } from '@tickwire/protocol';
import type { OpenSocket, SocketClosure } from './socket.js';
import { createSubscriptions } from './subscriptions.js';
import { type Pair, streamKey, type Venue, type VenueItem } from './venue.js';

export interface ConnectionOptions {
  readonly venue: Venue;
  readonly pairs: readonly Pair[];
  readonly url: string;
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  /** Maps a frame to items; never throws. */
  readonly read: (text: string, rts: number) => readonly VenueItem[];
  /** Market data of a frame, at least one item. */
  readonly onData: (items: readonly VenueItem[]) => void;
  /** Streams were confirmed or rejected: `isReady` may have changed. */
  readonly onChanged: () => void;
  readonly onRefused: (names: readonly string[], reason: string) => void;
  /** The venue will close this connection soon. */
  readonly onShutdown: () => void;
  /** Round trip of a ping in monotonic time, with the venue's time. */
  readonly onTime: (sentAt: number, answeredAt: number, venueMs: number) => void;
  /** Called once, and not after `close`. */
  readonly onClosed: (closure: SocketClosure) => void;
}

/** One socket that subscribes to the streams of its pairs. It does not reconnect: its creator opens another. */
export interface Connection {
  readonly url: string;
  readonly pairs: readonly Pair[];
  /** Monotonic time; undefined until it opened. */
  readonly openedAt: number | undefined;
  /** All streams of the pair are confirmed. */
  isReady(name: string): boolean;
  /** All streams of all pairs are confirmed, or rejected for now. */
  readonly isSettled: boolean;
  /** Subscribes to the streams of a pair again. */
  renew(name: string): void;
  /** Retries, probes or gives up what is due. Must be called about once a second. */
  check(): void;
  /** Idempotent; no callback follows. */
  close(): void;
}

const openMs = 10_000;
/** A connection with this many unanswered requests for a stream is useless. */
const maxAttempts = 4;
/** Wait after the venue says that we sent too many messages. */
const limitedMs = 5_000;

export const createConnection = (options: ConnectionOptions): Connection => {
  const { venue, pairs, url, clock, read, onData, onChanged, onRefused, onShutdown, onTime, onClosed } = options;
  const { keepalive, messageGapMs } = venue;
  const subscriptions = createSubscriptions({
    keys: pairs.flatMap(({ name }) => venue.channels.map((channel) => streamKey(channel, name))),
    requests: venue.requests,
  });
  const createdAt = clock.monotonic();
  let openedAt: number | undefined;
  let isClosed = false;
  let heardAt = createdAt;
  let probedAt: number | undefined;
  let pingedAt = createdAt;
  let lastRequestId = 0;
  let nextSendAt = 0;
  let undoSend: (() => void) | undefined;

  const end = (closure: SocketClosure): void => {
    if (isClosed) return;
    close();
    onClosed(closure);
  };

  const giveUp = (reason: string): void => end({ code: 1006, reason });

  /** Sends due messages one at a time, with the gap between them. */
  const pump = (): void => {
    if (isClosed || openedAt === undefined || undoSend) return;
    const now = clock.monotonic();
    if (now < nextSendAt) {
      undoSend = clock.after(nextSendAt - now, () => {
        undoSend = undefined;
        pump();
      });
      return;
    }
    const [keys] = subscriptions.due(now);
    if (!keys) return;
    lastRequestId += 1;
    nextSendAt = now + messageGapMs;
    subscriptions.sent(lastRequestId, keys, now);
    socket.send(venue.subscribeMessage(lastRequestId, keys));
    pump();
  };

  const ping = (now: number): void => {
    pingedAt = now;
    if (keepalive.message) {
      lastRequestId += 1;
      socket.send(keepalive.message(lastRequestId));
    } else socket.ping();
  };

  /** Handles items about the connection; true if the item is market data. */
  const isData = (item: VenueItem, now: number): boolean => {
    switch (item.kind) {
      case 'confirmed':
        subscriptions.confirm(item);
        onChanged();
        return false;
      case 'refused':
        onRefused(subscriptions.refuse(item, now), item.reason);
        pump();
        return false;
      case 'limited':
        nextSendAt = now + limitedMs;
        return false;
      case 'shutdown':
        onShutdown();
        return false;
      case 'pong':
        onTime(pingedAt, now, item.venueMs);
        return false;
      default:
        return true;
    }
  };

  const alive = (): void => {
    heardAt = clock.monotonic();
    probedAt = undefined;
  };

  const socket = options.openSocket(url, {
    onOpen: () => {
      if (isClosed) return;
      openedAt = clock.monotonic();
      alive();
      pump();
    },
    onMessage: (text) => {
      if (isClosed) return;
      alive();
      const items = read(text, clock.wall());
      if (items.length === 0) return;
      // Nearly every frame has only data or none, so the items of a trade are not copied.
      const data = items.every(({ kind }) => kind === 'trade' || kind === 'quote' || kind === 'stats')
        ? items
        : items.filter((item) => isData(item, heardAt));
      if (data.length > 0 && !isClosed) onData(data);
    },
    onAlive: () => {
      if (!isClosed) alive();
    },
    onClose: end,
  });

  const check = (): void => {
    if (isClosed) return;
    const now = clock.monotonic();
    if (openedAt === undefined) {
      if (now - createdAt >= openMs) giveUp(`no connection within ${openMs} ms`);
      return;
    }
    if (probedAt !== undefined && now - probedAt >= keepalive.answerMs) {
      giveUp(`silent for ${Math.round(now - heardAt)} ms, and no answer to a ping`);
    } else if (subscriptions.mostAttempts > maxAttempts) {
      giveUp('subscriptions are not answered');
    } else {
      if (probedAt === undefined && now - heardAt >= keepalive.silentMs) {
        probedAt = now;
        ping(now);
      } else if (keepalive.everyMs !== undefined && now - pingedAt >= keepalive.everyMs) ping(now);
      pump();
    }
  };

  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    undoSend?.();
    socket.terminate();
  };

  return {
    url,
    pairs,
    get openedAt() {
      return openedAt;
    },
    isReady: (name) => subscriptions.isConfirmed(name),
    get isSettled() {
      return openedAt !== undefined && subscriptions.isSettled;
    },
    renew: (name) => {
      subscriptions.renew(name);
      pump();
    },
    check,
    close,
  };
};
