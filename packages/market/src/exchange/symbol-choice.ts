import { hasChannels, isSymbol } from '@tickwire/protocol';
import type { Market, Pair } from './venue.js';

/** A pattern: `*-USDT`, `BTC-*`, `1000*-USDT`. A star stands for any characters, or none. */
const patternForm = /^[A-Z0-9*]{1,20}-[A-Z0-9*]{1,20}$/;
const topForm = /^top:([1-9]\d{0,4})$/;
/**
 * A followed symbol stays while it is among this many times the requested number, because ranks near the border change
 * with every reading.
 */
const staysWithin = 1.5;

export const topCount = (word: string): number | undefined => {
  const count = topForm.exec(word)?.[1];
  return count === undefined ? undefined : Number(count);
};

export const isPattern = (word: string): boolean =>
  patternForm.test(word) && word.includes('*') && !word.includes('**');

/** A symbol, a pattern, or `top:100` for the symbols with the largest volume. */
export const isSymbolChoice = (word: string): boolean =>
  hasChannels(word) || isPattern(word) || topCount(word) !== undefined;

/** Whether its symbols depend on the venue's list. */
export const isOpenChoice = (word: string): boolean => !isSymbol(word);

/** Without volumes it selects nothing. */
export const isTop = (word: string): boolean => topCount(word) !== undefined;

const matcherOf = (pattern: string): RegExp => new RegExp(`^${pattern.replaceAll('*', '[A-Z0-9]*')}$`);

/** The listed pairs with usable symbols. A venue may list a symbol twice, such as a delisted pair and its successor. */
export const pairsBySymbol = (listed: readonly Pair[]): ReadonlyMap<string, Pair> => {
  const bySymbol = new Map<string, Pair>();
  for (const pair of listed) {
    if (!hasChannels(pair.symbol)) continue;
    const { isTrading = true } = pair;
    if (isTrading || !bySymbol.has(pair.symbol)) bySymbol.set(pair.symbol, pair);
  }
  return bySymbol;
};

/** Largest volume first; pairs without a known volume last, in the listed order. */
const byVolume = (pairs: readonly Pair[], volumes: Market['volumes']): readonly Pair[] =>
  [...pairs].sort((a, b) => (volumes.get(b.symbol) ?? 0) - (volumes.get(a.symbol) ?? 0));

/**
 * The pairs selected by the words, each once. A symbol selects its pair in any state; patterns select only pairs that
 * trade. With patterns, pairs with the largest volume come first: they are connected first. `followed` are selected
 * already, and stay a little longer than new ones would join.
 */
export const choosePairs = (
  words: readonly string[],
  { listed, volumes }: Market,
  followed: ReadonlySet<string> = new Set(),
): readonly Pair[] => {
  const bySymbol = pairsBySymbol(listed);
  const trading = byVolume(
    [...bySymbol.values()].filter(({ isTrading = true }) => isTrading),
    volumes,
  );
  const ranked = trading.filter(({ symbol }) => volumes.has(symbol));
  const chosenBy = (word: string): readonly Pair[] => {
    const count = topCount(word);
    if (count !== undefined)
      return ranked.filter(({ symbol }, rank) => rank < count || (rank < count * staysWithin && followed.has(symbol)));
    if (isPattern(word)) {
      const matcher = matcherOf(word);
      return trading.filter(({ symbol }) => matcher.test(symbol));
    }
    const pair = bySymbol.get(word);
    return pair ? [pair] : [];
  };
  const chosen = [...new Set(words.flatMap(chosenBy))];
  return words.some(isOpenChoice) ? byVolume(chosen, volumes) : chosen;
};
