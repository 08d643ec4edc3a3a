import { describe, expect, test } from '@jest/globals';
import type { Trade } from '@tickwire/protocol';
import { Big } from 'big.js';
import { createRandom } from '../simulated/random.js';
import { createDayWindow } from './day-window.js';
import { openingPrice } from './opening-price.js';
import { createTickerBuilder } from './ticker-builder.js';

const header = { venue: 'kraken', symbol: 'BTC-USD', ts: 1_000, rts: 1_000 } as const;
const trade = (price: string, ts: number): Trade => ({
  ...header,
  type: 'price.trade',
  ts,
  rts: ts,
  id: String(ts),
  price,
  size: '1',
  side: 'buy',
});

describe('the opening price', () => {
  test('[M114] is last minus change if only the change is reported, exact and with as many decimals', () => {
    expect(openingPrice({ last: '42000.50', change24h: '-3500.5' })).toBe('45501.00');
    expect(openingPrice({ last: '0.0000000120', change24h: '-0.000000001' })).toBe('0.0000000130');
    expect(openingPrice({ last: '1602429000', change24h: '2429000' })).toBe('1600000000');
    expect(openingPrice({ last: '5', open24h: '4', change24h: '2' })).toBe('4');
  });

  test('[M114] follows from a percentage, to as many digits as a tiny price needs', () => {
    expect(openingPrice({ last: '110', changePct24h: '10' })).toBe('100.00000000');
    expect(openingPrice({ last: '0.000000012', changePct24h: '-4' })).toBe('0.000000012500000');
  });

  test('[M114] is unknown if nothing is reported, or something impossible', () => {
    for (const day of [
      {},
      { last: '5' },
      { change24h: '1' },
      { last: '5', change24h: '5' },
      { last: '5', change24h: '7' },
    ])
      expect([day, openingPrice(day)]).toEqual([day, undefined]);
    for (const changePct24h of ['-100', '-250']) expect(openingPrice({ last: '5', changePct24h })).toBeUndefined();
  });

  test.each(Array.from({ length: 50 }, (_, i) => `seed ${i}`))(
    '[M63] [M114] change, open and last agree, whatever a venue sends and however the price moves on, %s',
    (seed) => {
      const random = createRandom(seed);
      const magnitude = 10 ** Math.floor(random.uniform() * 19 - 9);
      const price = (): string => Big((magnitude * (0.5 + random.uniform())).toPrecision(6)).toFixed();
      const ticker = createTickerBuilder(header);
      const [last, open] = [price(), price()];
      const change24h = Big(last).minus(open).toFixed();
      const changePct24h = Big(change24h).times(100).div(open).toFixed(6);
      const reported = [{ open24h: open }, { change24h }, { changePct24h }, { change24h, changePct24h }];
      const which = reported[Math.floor(random.uniform() * reported.length)];
      ticker.add({ kind: 'stats', stats: { ...header, last, high24h: last, ...which } });
      for (let i = 0; i < 3; i += 1) {
        ticker.add({ kind: 'trade', trade: trade(price(), 2_000 + i) });
        const reported = ticker.take();
        const difference = Big(reported?.last ?? 0).minus(reported?.open24h ?? 0);
        expect([seed, reported?.change24h]).toEqual([seed, difference.toFixed()]);
        expect(Math.abs(Number(reported?.open24h) / Number(open) - 1)).toBeLessThan(1e-6);
        expect(reported?.changePct24h).toBe(
          difference
            .times(100)
            .div(reported?.open24h ?? 1)
            .toFixed(3),
        );
      }
    },
  );
});

describe('the average price of a day', () => {
  test.each([1e-9, 1e-8, 1e-5, 1, 1e5, 1e9])('[M115] of prices near %d is right to eight digits', (magnitude) => {
    const random = createRandom(`vwap ${magnitude}`);
    const day = createDayWindow();
    let [quote, volume] = [Big(0), Big(0)];
    for (let i = 0; i < 50; i += 1) {
      const price = Big((magnitude * (1 + 0.05 * random.uniform())).toPrecision(5)).toFixed();
      const size = String(1 + Math.floor(random.uniform() * 1e6));
      day.add(1_700_000_000_000 + i, price, size);
      quote = quote.plus(Big(price).times(size));
      volume = volume.plus(size);
    }
    const exact = Number(quote.toFixed()) / Number(volume.toFixed());
    expect(Math.abs(Number(day.summary()?.vwap) / exact - 1)).toBeLessThan(1e-7);
  });
});

describe('the last price and clocks that are wrong', () => {
  const at = Date.UTC(2024, 0, 1);
  const run = (offMs: (i: number) => number): { readonly last: string | undefined; readonly ahead: number } => {
    const tickers = createTickerBuilder({ venue: 'kraken', symbol: 'BTC-USD' });
    let last: string | undefined;
    for (let i = 0; i < 40; i += 1) {
      const now = at + i * 500;
      tickers.add({ kind: 'trade', trade: { ...trade(String(100 + i), now + offMs(i)), rts: now } }, i * 500);
      last = tickers.take()?.last ?? last;
    }
    return { last, ahead: tickers.counters.ahead };
  };

  test.each([20_000, 3_540_000, 10_800_000, -3_600_000])('[M291] one trade %i ms off does not stop it', (off) => {
    expect(run((i) => (i === 20 ? off : 0))).toEqual({ last: '139', ahead: off > 0 ? 1 : 0 });
  });

  test.each([10_800_000, 90_000, -90_000, -10_800_000])(
    '[M292] it follows a clock that the venue set by %i ms',
    (off) => {
      expect(run((i) => (i < 20 ? 0 : off))).toEqual({ last: '139', ahead: off > 0 ? 2 : 0 });
    },
  );

  test('[M292] it stays while only our own clock was set back, by which quotes without a time are labelled', () => {
    const tickers = createTickerBuilder({ venue: 'kraken', symbol: 'BTC-USD' });
    tickers.add({ kind: 'trade', trade: { ...trade('100', at), rts: at } }, 0);
    const lasts = Array.from({ length: 10 }, (_, i) => {
      const ts = at + i * 1_000 - (i < 3 ? 0 : 3_600_000);
      const book = { bid: '99', bidSize: '1', ask: '101', askSize: '1' };
      tickers.add({ kind: 'quote', quote: { venue: 'kraken', symbol: 'BTC-USD', ts, rts: ts, ...book } }, i * 1_000);
      return tickers.take()?.last;
    });
    expect(lasts).toEqual(Array(10).fill('100'));
  });
});

describe('a report that trades have left behind', () => {
  const secondMs = 1_000;
  const day = { open24h: '90', high24h: '110', low24h: '80', volume24h: '1000' };
  const report = (ts: number, events: 'both' | 'quote' | 'stats') => [
    ...(events === 'stats'
      ? []
      : [
          {
            kind: 'quote',
            quote: { ...header, ts, rts: ts, bid: '99', bidSize: '1', ask: '101', askSize: '1' },
          } as const,
        ]),
    ...(events === 'quote' ? [] : [{ kind: 'stats', stats: { ...header, ts, rts: ts, ...day } } as const]),
  ];

  /** A report each `everyMs` for a while, then only trades, one a second. */
  const build = (everyMs: number, silentMs: number, kept?: 'quote' | 'stats') => {
    const tickers = createTickerBuilder(header);
    const reportingMs = 30 * everyMs;
    for (let ts = secondMs; ts <= reportingMs + silentMs; ts += secondMs) {
      if (ts % everyMs === 0 && (ts <= reportingMs || kept))
        for (const event of report(ts, ts <= reportingMs ? 'both' : (kept ?? 'both'))) tickers.add(event);
      tickers.add({ kind: 'trade', trade: trade('120', ts) });
    }
    return { ticker: tickers.take(), quote: tickers.quote };
  };

  test('[M314] a quote is not shown, and not given to forecasts, when trades go on without any', () => {
    expect(build(secondMs, 8 * secondMs).ticker).toMatchObject({ bid: '99', ask: '101' });
    const { ticker, quote } = build(secondMs, 20 * secondMs, 'stats');
    expect(quote).toBeUndefined();
    expect(ticker).toMatchObject({ last: '120', high24h: '120', volume24h: '1000' });
    for (const field of ['bid', 'bidSize', 'ask', 'askSize']) expect(ticker).not.toHaveProperty(field);
  });

  test('[M314] statistics are not shown when trades go on without any; a part of the day does not replace them', () => {
    const { ticker } = build(secondMs, 310 * secondMs, 'quote');
    expect(ticker).toMatchObject({ last: '120', bid: '99' });
    for (const field of ['open24h', 'high24h', 'low24h', 'volume24h', 'change24h'])
      expect(ticker).not.toHaveProperty(field);
  });

  test('[M314] both are shown for as long as their exchange usually takes, and while nobody trades', () => {
    expect(build(30 * secondMs, 100 * secondMs).ticker).toMatchObject({ bid: '99', open24h: '90' });
    const tickers = createTickerBuilder(header);
    for (const event of report(secondMs, 'both')) tickers.add(event);
    tickers.add({ kind: 'trade', trade: trade('100', 3_600_000) });
    expect(tickers.take()).toMatchObject({ bid: '99', open24h: '90' });
  });

  test('[M314] best prices stay while all trade at them', () => {
    const tickers = createTickerBuilder(header);
    for (const event of report(secondMs, 'both')) tickers.add(event);
    for (let ts = secondMs; ts < 900 * secondMs; ts += secondMs)
      tickers.add({ kind: 'trade', trade: trade(ts % 2_000 === 0 ? '99' : '101', ts) });
    expect(tickers.take()).toMatchObject({ bid: '99', ask: '101' });
  });

  test('[M314] the next report is shown at once', () => {
    const tickers = createTickerBuilder(header);
    for (let ts = secondMs; ts < 400 * secondMs; ts += secondMs) {
      if (ts === secondMs) for (const event of report(ts, 'both')) tickers.add(event);
      tickers.add({ kind: 'trade', trade: trade('120', ts) });
    }
    expect(tickers.take()).not.toHaveProperty('bid');
    for (const event of report(400 * secondMs, 'both')) tickers.add(event);
    expect(tickers.take()).toMatchObject({ bid: '99', volume24h: '1000' });
  });
});
