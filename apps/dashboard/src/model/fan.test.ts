import { describe, expect, it } from '@jest/globals';
import type { Forecast, ForecastHorizon, ForecastScores } from '@tickwire/protocol';
import { fanExtent, fanOf } from './fan.js';
import { createFanHistory, outcomeOf } from './fan-history.js';
import { createNumberText } from './number-text.js';
import { horizonText, scoreText } from './score-text.js';

const scores: ForecastScores = {
  n: 6_000,
  coverage: { 50: 0.5, 80: 0.8, 90: 0.9, 95: 0.95 },
  coverage90: 0.9,
  coverage90Band: [0.88, 0.92],
  recentCoverage90: 0.8994,
  worstCoverage90: 0.85,
  intervalScore: 1,
  baselineScore: 1.1,
  gain: 6.2,
  dm: 3,
  crps: 1,
  zeroMoveShare: 0,
  skill: null,
  skillDm: null,
  hitRate: null,
};

const horizon = (seconds: number, width: number, fields: Partial<ForecastHorizon> = {}): ForecastHorizon => ({
  seconds,
  target: 1_000_000 + seconds * 1_000,
  center: '100',
  sigma: 0.01,
  levels: {
    50: [String(100 - width), String(100 + width)],
    80: [String(100 - 2 * width), String(100 + 2 * width)],
    90: [String(100 - 3 * width), String(100 + 3 * width)],
    95: [String(100 - 4 * width), String(100 + 4 * width)],
  },
  warming: false,
  scores,
  ...fields,
});

const forecast = (fields: Partial<Forecast> = {}): Forecast => ({
  type: 'price.forecast',
  venue: 'sim',
  symbol: 'BTC-USD',
  ts: 1_000_000,
  rts: 1_000_000,
  price: '100',
  horizons: [horizon(60, 6), horizon(10, 2), horizon(300, 14)],
  ...fields,
});

describe('a fan', () => {
  it('[D8] begins at its price and has the prices of every horizon on its way', () => {
    const fan = fanOf(forecast(), 60);
    expect(fan).toMatchObject({ madeAt: 1_000_000, target: 1_060_000, price: 100, isWarming: false });
    expect(fan?.points[0]).toMatchObject({ at: 1_000_000, levels: { 90: [100, 100] } });
    expect(fan?.points.find(({ at }) => at === 1_010_000)?.levels[90]).toEqual([94, 106]);
    expect(fan?.points.at(-1)?.levels[50]).toEqual([94, 106]);
    expect(fan && fanExtent(fan)).toEqual([76, 124]);
    expect(fanOf(forecast(), 900)).toBeUndefined();
  });

  it('[D8] between horizons the variance grows evenly', () => {
    const points = fanOf(forecast(), 10)?.points ?? [];
    const quarter = points.find(({ at }) => at === 1_002_500);
    // A quarter of the time: half the width.
    expect(quarter?.levels[90]).toEqual([97, 103]);
    const widths = points.map(({ levels }) => levels[95][1] - levels[95][0]);
    expect([...widths].sort((a, b) => a - b)).toEqual(widths);
  });

  it('[D8] a horizon made earlier, on the grid of minutes, begins when it was made', () => {
    const late = horizon(900, 30, { target: 960_000 + 900_000, center: '101' });
    const fan = fanOf(forecast({ horizons: [horizon(10, 2), late] }), 900);
    expect(fan).toMatchObject({ madeAt: 960_000, target: 1_860_000, price: 101 });
    expect(fan?.points[0]?.center).toBe(101);
  });
});

describe('past fans', () => {
  const made = (second: number, price: string): Forecast =>
    forecast({ rts: second * 1_000, price, horizons: [horizon(10, 2, { target: (second + 10) * 1_000 })] });

  it('[D9] are those whose places lie end to end', () => {
    const history = createFanHistory({ horizons: [10, 60] });
    for (let seq = 1; seq <= 65; seq += 1) history.add(made(1_000 + seq, '100'), seq);
    const fans = history.fans(10);
    expect(fans.map(({ madeAt }) => madeAt / 1_000)).toEqual([1_010, 1_020, 1_030, 1_040, 1_050, 1_060]);
    expect(fans.slice(1).every(({ madeAt }, i) => madeAt === fans[i]?.target)).toBe(true);
    expect(history.fans(60)).toEqual([]);
    expect(history.wanted(60, 0, 185)).toEqual([180, 120, 60]);
    expect(history.wanted(60, 130, 185)).toEqual([180]);
  });

  it('[D9] come in any order, each once, and not without end', () => {
    const history = createFanHistory({ horizons: [10], maxFans: 3 });
    for (const seq of [30, 10, 20, 10, 50, 40]) history.add(made(seq, '100'), seq);
    expect(history.fans(10).map(({ madeAt }) => madeAt)).toEqual([30_000, 40_000, 50_000]);
  });

  it('[D9] held or missed by the price at which the next one was made', () => {
    const [fan, next, far] = [made(10, '100'), made(20, '106'), made(20, '106.5')].map((each) => fanOf(each, 10));
    if (fan === undefined) throw new TypeError('no fan');
    expect(outcomeOf(fan, next, [], 1_000)).toEqual({ kind: 'held', price: 106 });
    expect(outcomeOf(fan, far, [], 1_000)).toEqual({ kind: 'missed', price: 106.5 });
    expect(outcomeOf(fan, undefined, [], 1_000)).toEqual({ kind: 'open' });
  });

  it('[D9] without a next one by the candle that ends there, if there is one', () => {
    const fan = fanOf(made(10, '100'), 10);
    if (fan === undefined) throw new TypeError('no fan');
    const candle = (second: number, close: number) => {
      const prices = { open: close, high: close, low: close, close, volume: 0, trades: 0 };
      return { start: second * 1_000, ...prices, isClosed: true, isIncomplete: false };
    };
    expect(outcomeOf(fan, undefined, [candle(19, 99), candle(20, 500)], 1_000)).toEqual({ kind: 'held', price: 99 });
    expect(outcomeOf(fan, undefined, [candle(18, 99), candle(21, 99)], 1_000)).toEqual({ kind: 'unknown' });
    expect(outcomeOf(fan, undefined, [candle(19, 99)], 1_000)).toEqual({ kind: 'open' });
  });
});

describe('the forecast card', () => {
  const text = createNumberText(['en-US']);
  const said = (fields: Partial<ForecastScores>) =>
    scoreText(horizon(60, 6, { scores: { ...scores, ...fields } }), text);

  it('[D10] says what live scores say', () => {
    expect(said({})).toEqual({
      held: '89.9% of the last 5,000',
      heldNote: 'as promised',
      width: '6% tighter than a constant band',
      direction: 'no better than a coin flip',
    });
    expect(horizonText(60)).toBe('60 s');
    expect(horizonText(900)).toBe('15 min');
  });

  it('[D10] says when intervals hold too little, are wider, or may be lucky', () => {
    expect(said({ coverage90Band: [0.8, 0.87] }).heldNote).toBe('too few');
    expect(said({ coverage90Band: [0.93, 0.95] }).heldNote).toBe('more than promised');
    expect(said({ gain: -12.4, dm: -4 }).width).toBe('12% looser than a constant band');
    expect(said({ gain: 8, dm: 1.2 }).width).toBe('8% tighter than a constant band, may be chance');
    expect(said({ gain: 0.2 }).width).toBe('as tight as a constant band');
  });

  it('[D10] claims a direction only beyond chance', () => {
    expect(said({ hitRate: 0.73, skillDm: 4.8 }).direction).toBe('right in 73.0% of moves, too small to trade');
    expect(said({ hitRate: 0.73, skillDm: 1 }).direction).toBe('no better than a coin flip');
  });

  it('[D10] has a word for not knowing yet', () => {
    expect(
      said({ n: 0, coverage90: null, recentCoverage90: null, coverage90Band: null, gain: null, dm: null }),
    ).toEqual({
      held: 'no outcome yet',
      heldNote: 'unknown',
      width: 'not compared yet',
      direction: 'not known yet',
    });
    expect(said({ n: 89, recentCoverage90: null }).held).toBe('90.0% of the last 89');
  });
});
