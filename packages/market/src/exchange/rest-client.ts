import { type Clock, createTimers } from '@tickwire/protocol';
import { MarketError } from '../errors.js';
import { blockedMs, type HttpGet, type HttpResponse } from './http.js';
import type { RestGet } from './venue.js';

export interface RestClientOptions {
  /** Tried in order; the next one after a failure. */
  readonly urls: readonly string[];
  readonly http: HttpGet;
  readonly clock: Clock;
  /** Shortest time between two requests. */
  readonly gapMs: number;
  readonly parse: (text: string) => unknown;
  /** Whether an answer with status 200 says that too much was asked. */
  readonly isLimit?: ((answer: unknown) => boolean) | undefined;
  /** @default 10_000 */
  readonly timeoutMs?: number;
}

/** Sends requests to one venue, one at a time. */
export interface RestClient {
  get(path: string, onSent?: (atMs: number) => void): Promise<unknown>;
  /** Yields to all other requests, later ones too. */
  readonly getLast: RestGet;
  /** Goes before all waiting requests. */
  readonly getFirst: RestGet;
  readonly counters: Readonly<RestCounters>;
  /** Idempotent. Running and waiting requests fail. */
  close(): void;
}

export interface RestCounters {
  requests: number;
  failures: number;
  /** Requests rejected because too many waited. */
  refused: number;
}

const maxWaiting = 1000;
/** Limits of our address, which count for all addresses of the venue. */
const limits: ReadonlySet<number> = new Set([418, 429]);

export const createRestClient = (options: RestClientOptions): RestClient => {
  const { urls, http, clock, gapMs, parse, isLimit = () => false, timeoutMs = 10_000 } = options;
  const counters: RestCounters = { requests: 0, failures: 0, refused: 0 };
  const waiting: (() => void)[] = [];
  const waitingLast: (() => void)[] = [];
  let isBusy = false;
  let freeAt = 0;
  let isClosed = false;
  /** Addresses of the venue that want no request before a time, with their answers. */
  const blocked = new Map<string, { readonly untilMs: number; readonly reason: string }>();
  /** Aborts the running request. */
  let abort: AbortController | undefined;
  const timers = createTimers(clock);

  const ask = async (url: string, onSent?: (atMs: number) => void): Promise<HttpResponse> => {
    const waitMs = freeAt - clock.monotonic();
    if (waitMs > 0 && !isClosed) await timers.pause(waitMs);
    if (isClosed) throw failed(url, 'closed');
    counters.requests += 1;
    freeAt = clock.monotonic() + gapMs;
    onSent?.(clock.monotonic());
    const controller = new AbortController();
    abort = controller;
    const undo = clock.after(timeoutMs, () => controller.abort());
    try {
      return await Promise.race([http(url, controller.signal), aborted(controller.signal)]);
    } finally {
      undo();
    }
  };

  const askAll = async (path: string, onSent?: (atMs: number) => void): Promise<unknown> => {
    let reason = '';
    for (const base of urls) {
      const block = blocked.get(base);
      if (block && clock.monotonic() < block.untilMs) {
        reason ||= block.reason;
        continue;
      }
      try {
        const answer = await ask(base + path, onSent);
        const { status, text } = answer;
        const parsed = status === 200 ? parse(text) : undefined;
        const isLimited = status === 200 ? isLimit(parsed) : limits.has(status);
        if (status === 200 && !isLimited) return parsed;
        reason = `${status} ${text.slice(0, 200)}`;
        const untilMs = clock.monotonic() + blockedMs(status === 200 ? { ...answer, status: 429 } : answer);
        if (isLimited) {
          freeAt = Math.max(freeAt, untilMs);
          break;
        }
        blocked.set(base, { untilMs, reason });
      } catch (error) {
        if (isClosed) throw failed(base, 'closed');
        reason = error instanceof Error ? error.message : String(error);
      }
    }
    counters.failures += 1;
    throw failed(urls[0] + path, reason);
  };

  /** Requests run one after the other. */
  const inTurn = async (
    path: string,
    line: (start: () => void) => void,
    onSent?: (atMs: number) => void,
  ): Promise<unknown> => {
    if (isClosed || waiting.length + waitingLast.length >= maxWaiting) {
      counters.refused += 1;
      throw failed(path, isClosed ? 'closed' : 'too many requests wait');
    }
    if (isBusy) await new Promise<void>(line);
    isBusy = true;
    try {
      return await askAll(path, onSent);
    } finally {
      const next = waiting.shift() ?? waitingLast.shift();
      if (next) next();
      else isBusy = false;
    }
  };

  return {
    counters,
    get: (path, onSent) => inTurn(path, (start) => waiting.push(start), onSent),
    getLast: (path) => inTurn(path, (start) => waitingLast.push(start)),
    getFirst: (path) => inTurn(path, (start) => waiting.unshift(start)),
    close: () => {
      isClosed = true;
      abort?.abort();
      timers.cancelAll();
    },
  };
};

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true });
  });

const failed = (url: string, reason: string): MarketError => new MarketError('rest-failed', `${url}: ${reason}`);
