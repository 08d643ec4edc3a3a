import { isSymbol } from '@tickwire/protocol';
import type { Market, Pair } from './venue.js';

/** As an operator writes it: `*-USDT`, `BTC-*`, `1000*-USDT`. A star stands for any letters, also none. */
const patternForm = /^[A-Z0-9*]{1,20}-[A-Z0-9*]{1,20}$/;
const topForm = /^top:([1-9]\d{0,4})$/;
/** Whoever is among so many more than asked for stays: at the border places change with every reading. */
const staysWithin = 1.5;

const topCount = (word: string): number | undefined => {
  const count = topForm.exec(word)?.[1];
  return count === undefined ? undefined : Number(count);
};

const isPattern = (word: string): boolean => patternForm.test(word) && word.includes('*') && !word.includes('**');

/** A symbol, a pattern of symbols, or `top:100` for those of which most is traded. */
export const isSymbolChoice = (word: string): boolean =>
  isSymbol(word) || isPattern(word) || topCount(word) !== undefined;

/** What it stands for changes with what the venue lists. */
export const isOpenChoice = (word: string): boolean => !isSymbol(word);

/** Without volumes it stands for nothing. */
export const isTop = (word: string): boolean => topCount(word) !== undefined;

const matcherOf = (pattern: string): RegExp => new RegExp(`^${pattern.replaceAll('*', '[A-Z0-9]*')}$`);

/** Those with the largest volume first; of which no volume is known, last and in the order listed. */
const byVolume = (pairs: readonly Pair[], volumes: Market['volumes']): readonly Pair[] =>
  [...pairs].sort((a, b) => (volumes.get(b.symbol) ?? 0) - (volumes.get(a.symbol) ?? 0));

/**
 * The pairs that the words stand for, each once. Symbols come as they are, and wherever the venue lists them; all others
 * only where it trades. Where a word is open, those of which most is traded come first: they are connected first.
 * `followed` are chosen already: they stay a little longer than others would come in.
 */
export const choosePairs = (
  words: readonly string[],
  { listed, volumes }: Market,
  followed: ReadonlySet<string> = new Set(),
): readonly Pair[] => {
  const named = listed.filter(({ symbol }) => isSymbol(symbol));
  const bySymbol = new Map(named.map((pair) => [pair.symbol, pair]));
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
