/** A market by name. */
export interface SymbolName {
  readonly venue: string;
  readonly symbol: string;
}

/** What became of asking for the symbols. */
export type SymbolsAnswer =
  | { readonly kind: 'symbols'; readonly symbols: readonly SymbolName[] }
  /** The server is there, but no producer has told it anything yet. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unreachable' };

const retryMs = 1_000;

/** Asks which symbols there are, and again every second until there are some. Returns what asks anew. */
export const askForSymbols = (
  fetch: typeof globalThis.fetch,
  onAnswer: (answer: SymbolsAnswer) => void,
): (() => void) => {
  let retry: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    clearTimeout(retry);
    const answer = await loadSymbols(fetch);
    isAsking = false;
    if (answer.kind !== 'symbols') retry = setTimeout(() => void ask(), retryMs);
    onAnswer(answer);
  };
  void ask();
  return () => void ask();
};

const loadSymbols = async (fetch: typeof globalThis.fetch): Promise<SymbolsAnswer> => {
  try {
    const response = await fetch('/api/symbols', { headers: { Accept: 'application/json' } });
    if (!response.ok) return { kind: 'unreachable' };
    const symbols = (await response.json()) as readonly SymbolName[];
    return symbols.length > 0 ? { kind: 'symbols', symbols } : { kind: 'none' };
  } catch {
    return { kind: 'unreachable' };
  }
};
