import { describe, expect, it } from '@jest/globals';
import type { Forecast } from '@tickwire/protocol';
import { createRandom } from '@tickwire/protocol/testing';
import { bounds, instrument, kept, start, walk } from '../testing/forecast-walk.js';
import { createForecasting } from './forecasting.js';
import type { MarketNow } from './market-sample.js';

/** Bounds of the intervals in ascending order, with the centre in the middle. */
const endsOf = (forecast: Forecast, horizon: number): number[] => {
  const lows = bounds(forecast, horizon).filter((_, i) => i % 2 === 0);
  const highs = bounds(forecast, horizon).filter((_, i) => i % 2 === 1);
  return [...lows, Number(forecast.horizons[horizon]?.center), ...highs.reverse()];
};

describe('forecasts of odd markets', () => {
  const near = (forecast: Forecast | undefined, low: number, high: number): void => {
    const [least = 0, most = 0] = bounds(forecast);
    expect(least).toBeGreaterThan(low);
    expect(most).toBeLessThan(high);
    expect(most).toBeGreaterThan(least);
  };
  const stable = (second: number): string => (0.9998 + ((second * 7) % 5) * 0.0001).toFixed(4);

  it.each(['1', '1.0000', '1.0001'])(
    '[P111] a stablecoin whose first trade is %s has intervals of basis points',
    (first) => {
      const forecasting = createForecasting(instrument);
      const made = walk(forecasting, { from: 0, to: 300, price: (second) => (second === 0 ? first : stable(second)) });
      near(made[0], 0.999, 1.001);
      near(made.at(-1), 0.999, 1.001);
      expect(made.at(-1)?.price).toMatch(/^(0|1)\.\d{6}$/);
    },
  );

  it('[P111] the same holds for a price that stays at 1, and for 0.50000000 before it moves', () => {
    const still = walk(createForecasting(instrument), { from: 0, to: 300, price: () => '1' });
    near(still.at(-1), 0.999, 1.001);
    const price = (second: number): string =>
      second < 4 ? '0.50000000' : (0.4996 + ((second * 7) % 9) / 1e4).toFixed(8);
    const made = walk(createForecasting(instrument), { from: 0, to: 300, price });
    near(made[0], 0.495, 0.505);
    near(made.at(-1), 0.498, 0.502);
    expect(made.at(-1)?.price).toMatch(/^0\.\d{6}$/);
  });

  it('[P111] decimals are kept over a restart, and grow after it; the venue may name them', () => {
    const first = createForecasting(instrument);
    walk(first, { from: 0, to: 150, price: (second) => `${1 + (second % 2)}` });
    const old = { ...(kept(first) as object), decimals: 0, hasMoved: undefined };
    const second = createForecasting(instrument);
    expect(second.restore(old, start + 150_000)).toBeUndefined();
    const made = walk(second, { from: 150, to: 1_400, price: stable });
    expect(made[0]?.price).toMatch(/^\d\.\d{6}$/);
    const finer = createForecasting(instrument);
    finer.restore(kept(second), start + 1_400_000);
    expect(walk(finer, { from: 1_400, to: 1_401, price: () => '1' })[0]?.price).toBe('1.000000');
    const named = walk(createForecasting(instrument), {
      from: 0,
      to: 120,
      market: { ticker: { last: '7', priceDecimals: 3 } },
    });
    expect(named[0]?.price).toBe('7.00000');
  });

  it.each([
    ['without an ask', { bid: '41998', ask: '0.00000000' }],
    ['without a bid', { bid: '0', ask: '42010' }],
    ['crossed', { bid: '43000', ask: '41000' }],
    ['with an order far away on one side', { bid: '41998', ask: '99999' }],
  ])('[P113] a book %s has no middle: the last price counts', (_name, sides) => {
    const quote = { ...sides, bidSize: '1', askSize: '1' };
    const made = walk(createForecasting(instrument), { from: 0, to: 150, price: () => '42008', market: { quote } });
    expect(made.at(-1)?.price).toBe('42008.00');
    near(made.at(-1), 41_990, 42_030);
  });

  it.each(['0', undefined])('[P113] without a book and with a last price of %s there is no forecast', (last) => {
    const forecasting = createForecasting(instrument);
    walk(forecasting, { from: 0, to: 150 });
    const ticker = last === undefined ? undefined : { last };
    expect(walk(forecasting, { from: 150, to: 160, market: { ticker } })).toEqual([]);
    expect(walk(forecasting, { from: 160, to: 170 })).toHaveLength(10);
  });

  it('[P113] one trade at ten times the price is not believed before the next', () => {
    const forecasting = createForecasting(instrument);
    walk(forecasting, { from: 0, to: 150 });
    const bad = { ticker: { last: '600000.00' }, tradedTs: start + 150_000 };
    expect(walk(forecasting, { from: 150, to: 200, market: bad })).toEqual([]);
    const after = walk(forecasting, { from: 200, to: 260 });
    expect(after).toHaveLength(60);
    expect(forecasting.badPrices).toBe(1);
    near(after.at(-1), 59_000, 61_000);
  });

  it.each([
    ['0.0000000120', 1e-10, /^0\.0000000\d{5}$/],
    ['1602429000', 1000, /^1602\d{6}\.00$/],
    ['0.00000001', 0, /^0\.00000001\d{6}$/],
    [`0.${'0'.repeat(23)}123`, 1e-26, /^0\.0{23}1\d{4}$/],
    [`1${'0'.repeat(22)}`, 2 ** 33, /^1\d{22}$/],
  ])(
    '[P114] prices near %s are printed with all their digits, and intervals around them are sound',
    (text, tick, form) => {
      const decimals = text.split('.')[1]?.length ?? 0;
      const price = (second: number): string => {
        const moved = Number(text) + tick * ((second * 7) % 5);
        return moved < 1e21 ? moved.toFixed(decimals) : String(BigInt(moved));
      };
      const made = walk(createForecasting(instrument), { from: 0, to: 400, price });
      for (const forecast of made) {
        expect(forecast.price).toMatch(form);
        for (const [i, { center }] of forecast.horizons.entries()) {
          const ends = endsOf(forecast, i);
          expect(ends).toEqual([...ends].sort((a, b) => a - b));
          expect(ends[4]).toBe(Number(center));
          expect(ends[0]).toBeGreaterThan(0);
          expect(ends[8]).toBeLessThan(Number(text) * 10);
        }
      }
    },
  );

  /** A random walk on a tick, with half-empty and crossed books, bad prints, silences and a stream that is not live. */
  const oddMarket = (seed: number, near: number, tick: number) => {
    const random = createRandom(seed).next;
    const decimals = Math.max(0, -Math.floor(Math.log10(tick)));
    const text = (price: number): string => (Math.round(price / tick) * tick).toFixed(decimals);
    let price = near;
    let isLive = true;
    let isLastBad = false;
    let trades = 0;
    let last = text(price);
    return (): { price: number; market: Partial<MarketNow> } => {
      price = Math.max(near / 2, Math.min(2 * near, price + tick * Math.round(4 * random() - 2)));
      if (random() < 0.02) isLive = !isLive || random() < 0.3;
      // A second trade at the bad price would make it a good one.
      const isBad = !isLastBad && random() < 0.01;
      if (isBad || random() < 0.7) {
        isLastBad = isBad;
        last = text(isBad ? price * 10 : price);
        trades += 1;
      }
      const chance = random();
      const [bid, ask] = [text(price - tick), text(price + tick)];
      const sides =
        chance < 0.2
          ? { bid, ask: '0' }
          : chance < 0.4
            ? { bid: '0.00000000', ask }
            : chance < 0.5
              ? { bid: ask, ask: bid }
              : { bid, ask };
      const quote = chance < 0.6 ? { ...sides, bidSize: '1', askSize: `${random()}` } : undefined;
      return { price, market: { ticker: { last }, quote, isLive, tradedTs: trades } };
    };
  };

  it.each([
    [1, 1.2e-8, 1e-10],
    [2, 1e-8, 1e-11],
    [3, 1, 0.0001],
    [4, 0.5, 0.00001],
    [5, 42_000, 0.01],
    [6, 1_602_429_000, 1000],
  ])('[P113] whatever a market near seed %i shows, forecasts stay near its price %d', (seed, start, tick) => {
    const next = oddMarket(seed, start, tick);
    const forecasting = createForecasting(instrument);
    /** Compared here because the test runner would take longer than the forecasts. */
    const faults: string[] = [];
    let made = 0;
    for (let second = 0; second < 1_500; second += 1) {
      const { price, market } = next();
      const [forecast] = walk(forecasting, { from: second, to: second + 1, market });
      if (forecast === undefined) continue;
      made += 1;
      // A trade may be some seconds old, and the price some ticks away by now.
      const isNear = Math.abs(Number(forecast.price) / price - 1) < Math.max(0.02, (40 * tick) / start);
      if (!isNear) faults.push(`${forecast.price} is forecast from, ${price} is right`);
      forecast.horizons.forEach(({ center }, h) => {
        const ends = endsOf(forecast, h);
        const isNested = ends.every((end, k) => end >= (ends[k - 1] ?? price / 10)) && (ends[8] ?? 0) < price * 10;
        if (!isNested || ends[4] !== Number(center)) faults.push(`${ends.join(' ')} about ${price}`);
      });
    }
    expect(faults).toEqual([]);
    expect(made).toBeGreaterThan(200);
  });
});
