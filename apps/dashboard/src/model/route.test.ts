import { describe, expect, it } from '@jest/globals';
import { selectRoute } from '../data/selection.js';
import { maxBeside, parseRoute, routeHash, withCharts, withFirst } from './route.js';

const btc = { venue: 'binance', symbol: 'BTC-USDT', interval: '1m' } as const;
const symbols = [
  { venue: 'sim', symbol: 'ETH-USD' },
  { venue: 'binance', symbol: 'BTC-USDT' },
];

describe('addresses', () => {
  it('[D1] lead to a market and back', () => {
    expect(routeHash(btc)).toBe('#/binance/BTC-USDT?interval=1m');
    expect(parseRoute(routeHash(btc))).toEqual({ kind: 'route', route: btc, hasInterval: true });
  });

  it('[D1] may be typed in lower case and without an interval', () => {
    expect(parseRoute('#/Binance/btc-usdt')).toEqual({
      kind: 'route',
      route: { ...btc, interval: '1m' },
      hasInterval: false,
    });
  });

  it.each(['', '#', '#/'])('[D1] %j is empty', (hash) => {
    expect(parseRoute(hash)).toEqual({ kind: 'empty' });
  });

  it.each(['#x', '#/binance', '#/binance/BTC', '#/bin ance/BTC-USDT', '#/a/B-C/d', '#/%zz/B-C', '#/sim/<b>-USD'])(
    '[D1] %j names nothing',
    (hash) => {
      expect(parseRoute(hash).kind).toBe('unreadable');
    },
  );
});

describe('charts side by side', () => {
  const eth = { venue: 'binance', symbol: 'ETH-USDT' };
  const sol = { venue: 'sim', symbol: 'SOL-USD' };
  const layout = { ...btc, beside: [eth, sol] };

  it('[D81] have an address, each market once and four at most', () => {
    expect(routeHash(layout)).toBe('#/binance/BTC-USDT?interval=1m&beside=binance/ETH-USDT,sim/SOL-USD');
    expect(parseRoute(routeHash(layout))).toEqual({ kind: 'route', route: layout, hasInterval: true });
    expect(selectRoute(routeHash(layout), { ...eth, interval: '1s' }, undefined)).toMatchObject({ route: layout });
    const odd =
      '#/binance/BTC-USDT?interval=1m&beside=binance/btc-usdt,binance/eth-usdt,x,,BINANCE/ETH-USDT,sim/SOL-USD';
    expect(parseRoute(odd)).toMatchObject({ route: layout });
    const many = Array.from({ length: 9 }, (_, i) => `sim/A${i}-USD`).join();
    const parsed = parseRoute(`#/sim/B-USD?beside=${many}`);
    expect(parsed.kind === 'route' && parsed.route.beside).toHaveLength(maxBeside);
  });

  it('[D81] change places, and are as many as asked for', () => {
    const { interval, ...first } = btc;
    expect(withFirst(layout, sol)).toEqual({ ...sol, interval, beside: [eth, first] });
    const other = { venue: 'sim', symbol: 'XRP-USD' };
    expect(withFirst(layout, other)).toEqual({ ...other, interval, beside: [eth, sol] });
    expect(withCharts(btc, 2, [first, eth, sol])).toEqual({ ...btc, beside: [eth] });
    expect(withCharts(layout, 4, [eth, other, sol])).toEqual({ ...btc, beside: [eth, sol, other] });
    expect(withCharts(layout, 1, [])).toEqual(btc);
  });
});

describe('what is to be seen', () => {
  const remembered = { venue: 'binance', symbol: 'BTC-USDT', interval: '1m' } as const;
  const nothing = { venue: '', symbol: '', interval: '1s' } as const;

  it('[D2] an address wins, and brings the interval of last time when it names none', () => {
    expect(selectRoute('#/sim/ETH-USD', remembered, symbols)).toEqual({
      kind: 'route',
      route: { venue: 'sim', symbol: 'ETH-USD', interval: '1m' },
    });
    expect(selectRoute('#/sim/ETH-USD?interval=1s', remembered, undefined)).toMatchObject({
      route: { interval: '1s' },
    });
  });

  it('[D2] an address of a symbol that is not here is a problem, once that is known', () => {
    expect(selectRoute('#/sim/DOGE-USD', nothing, undefined).kind).toBe('route');
    expect(selectRoute('#/sim/DOGE-USD', nothing, symbols)).toMatchObject({
      problem: { title: 'There is no DOGE-USD here' },
    });
    expect(selectRoute('#nonsense', nothing, symbols).kind).toBe('problem');
  });

  it('[D2] without an address it is what was seen last, else the first', () => {
    expect(selectRoute('', remembered, symbols)).toMatchObject({ route: btc });
    expect(selectRoute('', remembered, undefined)).toMatchObject({ route: btc });
    expect(selectRoute('', { ...remembered, symbol: 'GONE-USD' }, symbols)).toMatchObject({
      route: { symbol: 'ETH-USD', interval: '1m' },
    });
    expect(selectRoute('', nothing, undefined)).toEqual({ kind: 'undecided' });
  });
});
