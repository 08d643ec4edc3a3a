import { nameOfKey, type StreamKey } from './venue.js';

/** What a venue said about some streams: see `VenueItem`. */
export interface StreamAnswer {
  readonly requestId?: number;
  readonly keys?: readonly StreamKey[];
}

export interface SubscriptionsOptions {
  readonly keys: readonly StreamKey[];
  /** Splits streams into what fits one message each. */
  readonly requests: (keys: readonly StreamKey[]) => readonly (readonly StreamKey[])[];
  /** @default 10_000 */
  readonly answerMs?: number;
  /** How long a refused stream is left alone. @default 60_000 */
  readonly refusedMs?: number;
}

/**
 * Which streams are wanted, asked for and confirmed, on one connection. Asking twice for the same does no harm, so
 * whatever is not confirmed in time is simply asked for again.
 */
export interface Subscriptions {
  /** What to ask for now, a message each; with `send` it counts as asked. */
  due(nowMs: number): readonly (readonly StreamKey[])[];
  sent(requestId: number, keys: readonly StreamKey[], nowMs: number): void;
  confirm(answer: StreamAnswer): void;
  /** Returns the names of the pairs concerned. */
  refuse(answer: StreamAnswer, nowMs: number): readonly string[];
  /** Asks for a pair again as if it had never been confirmed; it counts as confirmed meanwhile. */
  renew(name: string): void;
  /** All streams of the pair are confirmed. */
  isConfirmed(name: string): boolean;
  /** Nothing is open: each stream is confirmed, or refused for now. */
  readonly isSettled: boolean;
  /** Most often any stream was asked for without an answer. */
  readonly mostAttempts: number;
}

interface Stream {
  readonly key: StreamKey;
  /** Last request that asked for it; undefined before the first and after an answer. */
  requestId: number | undefined;
  askedAt: number;
  isDue: boolean;
  isConfirmed: boolean;
  attempts: number;
  /** Refused in company, it is asked for alone: the refusal may have been another's. */
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

  /** Streams of a pair that are not confirmed. */
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
    // Without a name or number it is the oldest question that was answered.
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
      // A named stream is confirmed whichever request it was.
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
        // A time in the future: not before then.
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
