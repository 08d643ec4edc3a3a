import { describe, expect, test } from '@jest/globals';
import { dayVolumes } from './day-volume.js';
import { choosePairs, isSymbolChoice } from './symbol-choice.js';
import type { Market, Pair } from './venue.js';

const pairs = (...symbols: readonly string[]): readonly Pair[] =>
  symbols.map((symbol) => ({ symbol, name: symbol.replace('-', '') }));

const listed = pairs('ETH-BTC', 'BTC-USDT', 'ETH-USDT', 'DOGE-TRY', 'BTC-TRY');
const market: Market = {
  listed,
  volumes: new Map([
    ['BTC-USDT', 900],
    ['ETH-USDT', 500],
    ['ETH-BTC', 70],
    ['BTC-TRY', 20],
  ]),
};
const chosen = (words: readonly string[], from: Market = market, followed: readonly string[] = []): string[] =>
  choosePairs(words, from, new Set(followed)).map(({ symbol }) => symbol);

describe('patterns of symbols', () => {
  test.each([
    [['*-USDT'], ['BTC-USDT', 'ETH-USDT']],
    [['BTC-*'], ['BTC-USDT', 'BTC-TRY']],
    [['*T*-*T*'], ['BTC-USDT', 'ETH-USDT', 'ETH-BTC', 'BTC-TRY']],
    [['top:2'], ['BTC-USDT', 'ETH-USDT']],
    [['top:99'], ['BTC-USDT', 'ETH-USDT', 'ETH-BTC', 'BTC-TRY']],
    [
      ['DOGE-TRY', 'top:1', 'BTC-*'],
      ['BTC-USDT', 'BTC-TRY', 'DOGE-TRY'],
    ],
    [
      ['DOGE-TRY', 'BTC-USDT'],
      ['DOGE-TRY', 'BTC-USDT'],
    ],
    [['*-EUR'], []],
  ])('[M210] %j chooses %j', (words, expected) => {
    expect(chosen(words)).toEqual(expected);
  });

  test('[M210] a listed symbol without trading is selected only by its name, and one that no channel can be named after never', () => {
    const some: readonly Pair[] = [
      { symbol: 'OLD-USDT', name: 'OLDUSDT', isTrading: false },
      { symbol: 'AAPLx-USDT', name: 'AAPLxUSDT' },
      { symbol: 'NEW-USDT', name: 'NEWUSDT' },
    ];
    const from = { listed: some, volumes: new Map([['OLD-USDT', 1]]) };
    expect(chosen(['*-USDT'], from)).toEqual(['NEW-USDT']);
    expect(chosen(['top:1'], from)).toEqual([]);
    expect(chosen(['OLD-USDT'], from)).toEqual(['OLD-USDT']);
  });

  test('[M248] of two entries with one symbol the one that trades counts, whatever their order', () => {
    const old: Pair = { symbol: 'NEW-USDT', name: 'NEWUSDT_OLD', isTrading: false };
    const now: Pair = { symbol: 'NEW-USDT', name: 'NEWUSDT' };
    for (const some of [
      [old, now],
      [now, old],
    ])
      for (const word of ['NEW-USDT', '*-USDT'])
        expect(choosePairs([word], { listed: some, volumes: new Map() })).toEqual([now]);
  });

  test('[M210] a followed symbol stays in `top:n` while it is among the first 1.5 n', () => {
    expect(chosen(['top:2'], market, ['ETH-BTC'])).toEqual(['BTC-USDT', 'ETH-USDT', 'ETH-BTC']);
    expect(chosen(['top:2'], market, ['BTC-TRY'])).toEqual(['BTC-USDT', 'ETH-USDT']);
  });

  test.each([
    ['BTC-USDT', true],
    [`${'A'.repeat(44)}-USDT`, true],
    [`${'A'.repeat(45)}-USDT`, false],
    ['*-USDT', true],
    ['1000*-*', true],
    ['top:1', true],
    ['top:0', false],
    ['top:-5', false],
    ['top:100000', false],
    ['top', false],
    ['*', false],
    ['**-USDT', false],
    ['-USDT', false],
    ['*-usdt', false],
    [`${'*A'.repeat(500)}-USDT`, false],
  ])('[M210] whether %s may stand for symbols: %p', (word, may) => {
    expect(isSymbolChoice(word)).toBe(may);
  });

  test('[M211] volumes are compared in one currency, converted with the prices of the venue', () => {
    const figures = [
      { name: 'BTCUSDT', last: 50_000, quoteVolume: 900_000 },
      { name: 'ETHBTC', last: 0.05, quoteVolume: 10 },
      { name: 'USDTIDR', last: 16_000, quoteVolume: 1_600_000_000 },
      { name: 'DOGEIDR', last: 1_600, quoteVolume: 3_200_000 },
      { name: 'NEWUSDT', last: 0, quoteVolume: 0 },
      { name: 'FOOBAR', last: 1, quoteVolume: 1e12 },
      { name: 'GONEUSDT', last: 1, quoteVolume: 1e12 },
    ];
    const volumes = dayVolumes(pairs('BTC-USDT', 'ETH-BTC', 'USDT-IDR', 'DOGE-IDR', 'NEW-USDT', 'FOO-BAR'), figures);
    expect([...volumes]).toEqual([
      ['BTC-USDT', 900_000],
      ['ETH-BTC', 500_000],
      ['USDT-IDR', 100_000],
      ['DOGE-IDR', 200],
    ]);
  });
});
