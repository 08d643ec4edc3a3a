import { describe, expect, it } from '@jest/globals';
import { createCandles } from './candles.js';

const bar = (start: number, close = 'x') => ({ start, close });

describe('candles', () => {
  it('[E126] the open bar is replaced, a corrected one too, and a late one comes where it belongs', () => {
    const candles = createCandles<ReturnType<typeof bar>>();
    for (const each of [bar(60), bar(120), bar(120, 'y'), bar(60, 'z'), bar(0), bar(90)]) candles.add(each);
    expect(candles.bars).toEqual([bar(0), bar(60, 'z'), bar(90), bar(120, 'y')]);
  });

  it('[E126] the newest are kept; one older than all of them is not', () => {
    const candles = createCandles<ReturnType<typeof bar>>(2);
    for (const start of [1, 2, 3, 0]) candles.add(bar(start));
    expect(candles.bars).toEqual([bar(2), bar(3)]);
  });

  it('[E126] a list that was read does not change', () => {
    const candles = createCandles<ReturnType<typeof bar>>();
    candles.add(bar(1));
    const { bars } = candles;
    candles.add(bar(1, 'y'));
    expect([bars, candles.bars]).toEqual([[bar(1)], [bar(1, 'y')]]);
  });
});
