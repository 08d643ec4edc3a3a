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

export const loadSymbols = async (fetch: typeof globalThis.fetch): Promise<SymbolsAnswer> => {
  try {
    const response = await fetch('/api/symbols', { headers: { Accept: 'application/json' } });
    if (!response.ok) return { kind: 'unreachable' };
    const symbols = (await response.json()) as readonly SymbolName[];
    return symbols.length > 0 ? { kind: 'symbols', symbols } : { kind: 'none' };
  } catch {
    return { kind: 'unreachable' };
  }
};
