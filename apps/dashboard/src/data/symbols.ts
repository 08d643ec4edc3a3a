import type { CatalogEntry } from '@tickwire/protocol';

/** The channel with the prices of a symbol that does not come from the producer. */
export type OwnChannels = NonNullable<CatalogEntry['own']>;

/** A market by name, and whether its prices are real and of now. */
export interface SymbolName {
  readonly venue: string;
  readonly symbol: string;
  readonly own?: OwnChannels;
  readonly simulated?: boolean;
  readonly recorded?: boolean;
}

/** The result of a request for the symbols. */
export type SymbolsAnswer =
  | { readonly kind: 'symbols'; readonly symbols: readonly SymbolName[] }
  /** The server is there, but has heard of no producer yet. */
  | { readonly kind: 'none' }
  /** The server is there, but cannot reach what it would know them from. */
  | { readonly kind: 'away' }
  | { readonly kind: 'unreachable' }
  /** It rejects the token, or requires one. */
  | { readonly kind: 'refused' };

export interface AskOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly token: string | undefined;
  readonly onAnswer: (answer: SymbolsAnswer) => void;
  /** Calls back after this many milliseconds; returns a function that cancels it. @default setTimeout */
  readonly after?: (delayMs: number, callback: () => void) => () => void;
}

/** How the gateway itself says that it cannot answer; a proxy has other words. */
const problemType = 'application/problem+json';
const retryMs = 1_000;
/** New listings join the page without a reload. */
const refreshMs = 60_000;

const afterTimeout = (delayMs: number, callback: () => void): (() => void) => {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
};

/**
 * Requests the symbols every second until there are some or the server rejects the request, then once a minute. A
 * failure after the first symbols is not reported: the known ones stay. Returns a function that asks at once.
 */
export const askForSymbols = ({ fetch, token, onAnswer, after = afterTimeout }: AskOptions): (() => void) => {
  let callOff = (): void => {};
  let isAsking = false;
  let hasSymbols = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    callOff();
    const answer = await loadSymbols(fetch, token);
    isAsking = false;
    const isRefresh = hasSymbols && answer.kind !== 'refused';
    hasSymbols ||= answer.kind === 'symbols';
    if (answer.kind !== 'refused') callOff = after(hasSymbols ? refreshMs : retryMs, () => void ask());
    if (answer.kind === 'symbols' || !isRefresh) onAnswer(answer);
  };
  void ask();
  return () => void ask();
};

const loadSymbols = async (fetch: typeof globalThis.fetch, token: string | undefined): Promise<SymbolsAnswer> => {
  try {
    const access = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const response = await fetch('api/symbols', { headers: { Accept: 'application/json', ...access } });
    if (response.status === 401 || response.status === 403) return { kind: 'refused' };
    if (response.headers.get('Content-Type')?.startsWith(problemType) === true) return { kind: 'away' };
    if (!response.ok) return { kind: 'unreachable' };
    const symbols = (await response.json()) as readonly SymbolName[];
    return symbols.length > 0 ? { kind: 'symbols', symbols } : { kind: 'none' };
  } catch {
    return { kind: 'unreachable' };
  }
};
