import { nameOfKey, type StreamKey } from './venue.js';

/** A venue's answer about some streams; see `VenueItem`. */
export interface StreamAnswer {
  readonly requestId?: number;
  readonly keys?: readonly StreamKey[];
}

export interface SubscriptionsOptions {
  readonly keys: readonly StreamKey[];
  /** Splits streams into groups that fit one message each. */
  readonly requests: (keys: readonly StreamKey[]) => readonly (readonly StreamKey[])[];
  /** @default 10_000 */
  readonly answerMs?: number;
  /** Time until a rejected stream is requested again. @default 60_000 */
  readonly refusedMs?: number;
}

/**
 * Tracks which streams of a connection are wanted, requested and confirmed. Repeated requests do no harm, so a stream
 * that is not confirmed in time is simply requested again.
 */
export interface Subscriptions {
  /** The streams to request now, by message; `send` marks them as requested. */
  due(nowMs: number): readonly (readonly StreamKey[])[];
  sent(requestId: number, keys: readonly StreamKey[], nowMs: number): void;
  confirm(answer: StreamAnswer): void;
  /** Returns the names of the affected pairs. */
  refuse(answer: StreamAnswer, nowMs: number): readonly string[];
  /** Requests a pair again; it counts as confirmed meanwhile. */
  renew(name: string): void;
  /** All streams of the pair are confirmed. */
  isConfirmed(name: string): boolean;
  /** Each stream is confirmed, or rejected for now. */
  readonly isSettled: boolean;
  /** Largest number of unanswered requests for a stream. */
  readonly mostAttempts: number;
}

interface Stream {
  readonly key: StreamKey;
  /** Id of the last request for it; undefined before the first and after an answer. */
  requestId: number | undefined;
  askedAt: number;
  isDue: boolean;
  isConfirmed: boolean;
  attempts: number;
  /** It was rejected together with others, so it is requested alone. */
  isAlone: boolean;
  isRefused: boolean;
}

export const createSubscriptions = (options: SubscriptionsOptions): Subscriptions => {
  const { keys, requests, answerMs = 10_000, refusedMs = 60_000 } = options;
  const streams = new Map<StreamKey, Stream>(
    keys.map((key) => [
      key,
      {
        key,
        requestId: undefined,
        askedAt: 0,
        attempts: 0,
        isDue: true,
        isConfirmed: false,
        isAlone: false,
        isRefused: false,
      },
    ]),
  );

  /** Number of unconfirmed streams by pair. */
  const missing = new Map<string, number>();
  const count = (key: StreamKey, by: number): void => {
    const name = nameOfKey(key);
    missing.set(name, (missing.get(name) ?? 0) + by);
  };
  for (const key of streams.keys()) count(key, 1);

  const confirmStream = (stream: Stream): void => {
    if (!stream.isConfirmed) count(stream.key, -1);
    stream.isConfirmed = true;
    stream.isRefused = false;
    stream.isDue = false;
    stream.requestId = undefined;
    stream.attempts = 0;
    stream.isAlone = false;
  };

  const asked = (): Stream[] => [...streams.values()].filter(({ requestId }) => requestId !== undefined);

  const refused = ({ requestId, keys: named }: StreamAnswer): Stream[] => {
    const all = asked();
    if (named !== undefined)
      return all.filter((s) => named.includes(s.key) && (requestId === undefined || s.requestId === requestId));
    // An answer without a name or number belongs to the oldest request.
    const id = requestId ?? Math.min(...all.map((s) => s.requestId as number));
    return all.filter((s) => s.requestId === id);
  };

  return {
    due: (nowMs) => {
      const wanted: StreamKey[] = [];
      const alone: StreamKey[][] = [];
      for (const stream of streams.values()) {
        if (stream.requestId !== undefined && nowMs - stream.askedAt >= answerMs) {
          stream.requestId = undefined;
          stream.isDue = true;
        }
        if (!stream.isDue || stream.requestId !== undefined || stream.askedAt > nowMs) continue;
        if (stream.isAlone) alone.push([stream.key]);
        else wanted.push(stream.key);
      }
      return [...requests(wanted), ...alone];
    },
    sent: (requestId, sentKeys, nowMs) => {
      for (const key of sentKeys) {
        const stream = streams.get(key);
        if (!stream) continue;
        stream.requestId = requestId;
        stream.askedAt = nowMs;
        stream.isDue = false;
        stream.attempts += 1;
      }
    },
    confirm: ({ requestId, keys: named }) => {
      // A named stream is confirmed by any request.
      const confirmed = named
        ? named.map((key) => streams.get(key))
        : asked().filter((stream) => stream.requestId === requestId);
      for (const stream of confirmed) if (stream) confirmStream(stream);
    },
    refuse: (answer, nowMs) => {
      const concerned = refused(answer);
      const isCertain = concerned.length === 1 || answer.keys !== undefined;
      for (const stream of concerned) {
        if (stream.isConfirmed) count(stream.key, 1);
        stream.isConfirmed = false;
        stream.isRefused = isCertain;
        stream.requestId = undefined;
        stream.isDue = true;
        stream.attempts = 0;
        stream.isAlone = true;
        // A time in the future delays the next request until then.
        stream.askedAt = isCertain ? nowMs + refusedMs : nowMs;
      }
      return isCertain ? [...new Set(concerned.map(({ key }) => nameOfKey(key)))] : [];
    },
    renew: (name) => {
      for (const stream of streams.values()) {
        if (nameOfKey(stream.key) === name && stream.requestId === undefined && stream.isConfirmed) stream.isDue = true;
      }
    },
    isConfirmed: (name) => missing.get(name) === 0,
    get isSettled() {
      for (const { isConfirmed, isRefused } of streams.values()) if (!isConfirmed && !isRefused) return false;
      return true;
    },
    get mostAttempts() {
      let most = 0;
      for (const { attempts } of streams.values()) most = Math.max(most, attempts);
      return most;
    },
  };
};
