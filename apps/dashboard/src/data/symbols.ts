/** A market by name, and whether its prices are real and of now. */
export interface SymbolName {
  readonly venue: string;
  readonly symbol: string;
  readonly simulated?: boolean;
  readonly recorded?: boolean;
}

/** What became of asking for the symbols. */
export type SymbolsAnswer =
  | { readonly kind: 'symbols'; readonly symbols: readonly SymbolName[] }
  /** The server is there, but no producer has told it anything yet. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unreachable' }
  /** It wants a token, and not this one. */
  | { readonly kind: 'refused' };

export interface AskOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly token: string | undefined;
  readonly onAnswer: (answer: SymbolsAnswer) => void;
}

const retryMs = 1_000;

/** Asks which symbols there are, and again every second until there are some or it is refused. Returns what asks anew. */
export const askForSymbols = ({ fetch, token, onAnswer }: AskOptions): (() => void) => {
  let retry: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    clearTimeout(retry);
    const answer = await loadSymbols(fetch, token);
    isAsking = false;
    if (answer.kind !== 'symbols' && answer.kind !== 'refused') retry = setTimeout(() => void ask(), retryMs);
    onAnswer(answer);
  };
  void ask();
  return () => void ask();
};

const loadSymbols = async (fetch: typeof globalThis.fetch, token: string | undefined): Promise<SymbolsAnswer> => {
  try {
    const access = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const response = await fetch('api/symbols', { headers: { Accept: 'application/json', ...access } });
    if (response.status === 401 || response.status === 403) return { kind: 'refused' };
    if (!response.ok) return { kind: 'unreachable' };
    const symbols = (await response.json()) as readonly SymbolName[];
    return symbols.length > 0 ? { kind: 'symbols', symbols } : { kind: 'none' };
  } catch {
    return { kind: 'unreachable' };
  }
};
