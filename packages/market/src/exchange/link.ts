import type { Clock } from '@tickwire/protocol';
import { createBackoff } from './backoff.js';
import type { ConnectGate } from './connect-gate.js';
import { type Connection, type ConnectionOptions, createConnection } from './connection.js';
import { blockedMs } from './http.js';
import { createReplacementPlan, leastReplaceGapMs } from './replacement-plan.js';
import type { SocketClosure } from './socket.js';
import type { Pair, Venue, VenueItem } from './venue.js';

export interface LinkOptions extends Pick<ConnectionOptions, 'openSocket' | 'onRefused' | 'onTime'> {
  readonly venue: Venue;
  /** Creates the reader of frames for a connection of these pairs. */
  readonly createRead: (pairs: readonly Pair[]) => ConnectionOptions['read'];
  readonly pairs: readonly Pair[];
  readonly urls: readonly string[];
  readonly clock: Clock;
  readonly random: () => number;
  /** Shared by all links to the venue. */
  readonly gate: ConnectGate;
  /** `isFirst` is true for the connection whose quotes count; during an overlap trades come from both. */
  readonly onData: (items: readonly VenueItem[], isFirst: boolean) => void;
  /** The readiness of a pair may have changed. */
  readonly onChanged: () => void;
  readonly onNotice: (notice: LinkNotice) => void;
}

/** An event of the connections, for logs and counters. */
export interface LinkNotice {
  readonly kind: 'connecting' | 'connected' | 'lost' | 'replacing' | 'replaced' | 'gave-up-replacing';
  readonly url: string;
  readonly reason?: string;
  /** Time until the next attempt. */
  readonly waitMs?: number;
}

/** Keeps one connection for its pairs, and replaces it with an overlapping one before the venue closes it. */
export interface Link {
  readonly pairs: readonly Pair[];
  isReady(name: string): boolean;
  /** The reason why there is no connection; undefined while there is one. */
  readonly downReason: string | undefined;
  readonly connections: readonly LinkConnection[];
  start(): void;
  renew(name: string): void;
  /** Sets the pairs. New ones join with an overlapping connection, so that the others are not interrupted. */
  follow(pairs: readonly Pair[]): void;
  /** Opens a second connection, and drops the first once the second delivers. Repeated calls are limited. */
  replace(reason: string): void;
  check(): void;
  /** Idempotent. */
  close(): void;
}

export interface LinkConnection {
  readonly url: string;
  readonly openedAt: number | undefined;
  readonly isFirst: boolean;
}

/** How long both connections run together, so that frames in flight on the old one arrive. */
const overlapMs = 3_000;
/** A connection that was ready for this long was a success: the next failure begins with short waits. */
const stableMs = 30_000;
/** A second connection that is not ready after this is given up, and the first kept. */
const replaceMs = 60_000;

export const createLink = (options: LinkOptions): Link => {
  const { venue, urls, createRead, clock, random, gate, onData, onChanged, onNotice } = options;
  const backoff = createBackoff({ random });
  let { pairs } = options;
  /** Pairs that joined, until the first connection has them. No other connection is opened for them before. */
  let joined: readonly Pair[] = [];
  let joinAt = 0;
  let first: Connection | undefined;
  let second: Connection | undefined;
  let secondSince = 0;
  let downReason: string | undefined = 'not connected yet';
  let readySince: number | undefined;
  let urlIndex = 0;
  const replacement = createReplacementPlan({ clock, random, maxConnectionMs: venue.maxConnectionMs });
  let undoConnect: (() => void) | undefined;
  let undoPromote: (() => void) | undefined;
  let isClosed = false;

  const urlNow = (): string => urls[urlIndex % urls.length] as string;

  /** Runs the action as soon as the venue's limits allow; returns the wait. */
  const soon = (notBefore: number, action: () => void): number => {
    undoConnect?.();
    const waitMs = gate.book(notBefore) - clock.monotonic();
    undoConnect = clock.after(waitMs, () => {
      undoConnect = undefined;
      action();
    });
    return Math.round(waitMs);
  };

  const open = (): Connection => {
    const connection: Connection = createConnection({
      ...options,
      venue,
      pairs,
      read: createRead(pairs),
      url: urlNow(),
      onData: (items) => onData(items, connection === first),
      onChanged: () => {
        if (connection === second && connection.isSettled) promoteSoon();
        lookAtFirst();
        onChanged();
      },
      onShutdown: () => {
        // All clients of that server get the notice at once: they should not all reconnect at once.
        if (connection === first) replacement.within(random() * 120_000);
      },
      onClosed: (closure) => onClosed(connection, closure),
    });
    return connection;
  };

  const connect = (): void => {
    first = open();
    onNotice({ kind: 'connecting', url: first.url });
  };

  const onClosed = (connection: Connection, closure: SocketClosure): void => {
    const reason = describe(closure);
    const blockMs = blockedMs(closure);
    if (blockMs > 0) gate.block(clock.monotonic() + blockMs);
    // Try the next address: this one may be unreachable.
    if (connection.openedAt === undefined) urlIndex += 1;
    if (connection === first) downReason = reason;
    if (connection === second) {
      giveUpReplacing(connection, reason, backoff.nextMs() + leastReplaceGapMs * random());
    } else if (second) {
      first = takeSecond();
      onNotice({ kind: 'lost', url: connection.url, reason });
      onPromoted();
    } else {
      first = undefined;
      readySince = undefined;
      replacement.cancel();
      const waitMs = soon(clock.monotonic() + backoff.nextMs(), connect);
      onNotice({ kind: 'lost', url: connection.url, reason, waitMs });
    }
    onChanged();
  };

  /** From now on there is no second connection. */
  const takeSecond = (): Connection | undefined => {
    const taken = second;
    second = undefined;
    undoPromote?.();
    undoPromote = undefined;
    return taken;
  };

  const giveUpReplacing = ({ url }: Connection, reason: string, againMs: number): void => {
    takeSecond();
    onNotice({ kind: 'gave-up-replacing', url, reason });
    joinAt = clock.monotonic() + leastReplaceGapMs;
    replacement.after(againMs);
  };

  /** The first connection is a new one, open or not. */
  const onPromoted = (): void => {
    readySince = undefined;
    replacement.cancel();
    check();
  };

  const promoteSoon = (): void => {
    undoPromote ??= clock.after(overlapMs, () => {
      const old = first;
      const promoted = takeSecond();
      if (!promoted) return;
      first = promoted;
      old?.close();
      onNotice({ kind: 'replaced', url: first.url });
      onPromoted();
      onChanged();
    });
  };

  const beginReplacing = (reason: string): void => {
    if (second || undoConnect || !first) return;
    replacement.cancel();
    soon(clock.monotonic(), () => {
      if (!first) return connect();
      second = open();
      secondSince = clock.monotonic();
      onNotice({ kind: 'replacing', url: second.url, reason });
    });
  };

  const lookAtFirst = (): void => {
    if (first?.openedAt === undefined || readySince !== undefined || !first.isSettled) return;
    readySince = clock.monotonic();
    downReason = undefined;
    replacement.opened(first.openedAt);
    onNotice({ kind: 'connected', url: first.url });
  };

  const lookAtJoined = (connection: Connection, now: number): void => {
    if (joined.every((pair) => connection.pairs.includes(pair))) joined = [];
    else if (now >= joinAt) beginReplacing('more symbols joined');
  };

  const check = (): void => {
    if (isClosed) return;
    const now = clock.monotonic();
    first?.check();
    second?.check();
    lookAtFirst();
    if (readySince !== undefined && now - readySince >= stableMs) backoff.reset();
    if (replacement.isDue) beginReplacing('it is about to be cut');
    if (joined.length > 0 && first) lookAtJoined(first, now);
    if (second && now - secondSince >= replaceMs && !second.isSettled) {
      second.close();
      giveUpReplacing(second, `not ready after ${replaceMs} ms`, leastReplaceGapMs);
    }
  };

  return {
    get pairs() {
      return pairs;
    },
    isReady: (name) => (first?.isReady(name) ?? false) || (second?.isReady(name) ?? false),
    get downReason() {
      return first?.openedAt === undefined ? (downReason ?? 'connecting') : undefined;
    },
    get connections() {
      return [first, second].flatMap((connection) =>
        connection ? [{ url: connection.url, openedAt: connection.openedAt, isFirst: connection === first }] : [],
      );
    },
    start: () => void soon(clock.monotonic(), connect),
    renew: (name) => first?.renew(name),
    follow: (followed) => {
      const before = new Set(pairs);
      pairs = followed;
      joined = [...joined.filter((pair) => pairs.includes(pair)), ...pairs.filter((pair) => !before.has(pair))];
    },
    replace: (reason) => {
      if (replacement.admit()) beginReplacing(reason);
    },
    check,
    close: () => {
      isClosed = true;
      undoConnect?.();
      undoPromote?.();
      first?.close();
      second?.close();
    },
  };
};

const describe = ({ code, reason, status }: SocketClosure): string =>
  status === undefined ? `connection closed (${code}${reason === '' ? '' : ` ${reason}`})` : `refused with ${status}`;
