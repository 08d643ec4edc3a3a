import { hasChannels } from '@tickwire/protocol';
import type { NoticeBody } from './exchange-status.js';
import { supportedNames } from './listing.js';
import { isOpenChoice, isPattern, topCount } from './symbol-choice.js';
import type { Market, Pair } from './venue.js';

const maxNamed = 10;

/**
 * Pairs that trade and that a pattern stands for, but whose names no channel can have: `BÜR-USDT` for `*-USDT`. For
 * `top:100` those among the hundred largest.
 */
export const passedOverPairs = (words: readonly string[], { listed, volumes }: Market): readonly Pair[] => {
  const trading = listed.filter(({ isTrading = true }) => isTrading);
  const unusable = trading.filter(({ symbol }) => !hasChannels(symbol));
  const ranked = trading
    .filter(({ symbol }) => volumes.has(symbol))
    .sort((a, b) => (volumes.get(b.symbol) ?? 0) - (volumes.get(a.symbol) ?? 0));
  const standsFor = (word: string): ((pair: Pair) => boolean) => {
    const largest = new Set(ranked.slice(0, topCount(word) ?? 0));
    if (!isPattern(word)) return (pair) => largest.has(pair);
    const matcher = new RegExp(`^${word.replaceAll('*', '[^]*')}$`);
    return ({ symbol }) => matcher.test(symbol);
  };
  const tests = words.filter(isOpenChoice).map(standsFor);
  return unusable.filter((pair) => tests.some((test) => test(pair)));
};

/** Reports the pairs that patterns pass over when a reading of the listing has one that those before had not. */
export const createPassedOver = (
  words: readonly string[],
  onNotice: (notice: NoticeBody) => void,
): ((market: Market) => void) => {
  let known: ReadonlySet<string> = new Set();
  return (market) => {
    const names = passedOverPairs(words, market).map(({ name }) => name);
    const isNew = names.some((name) => !known.has(name));
    known = new Set(names);
    if (!isNew) return;
    onNotice({
      kind: 'passed-over',
      count: names.length,
      examples: names.slice(0, maxNamed),
      reason: `channels cannot have their names: ${supportedNames}`,
    });
  };
};
