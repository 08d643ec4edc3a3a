import { describe, expect, it } from '@jest/globals';
import { withReason } from './close-codes.js';
import {
  type Bar,
  channelKinds,
  channelMessageSchemas,
  channelName,
  channelOf,
  closeCodes,
  hasChannels,
  isGroupName,
  parseChannelName,
} from './index.js';

describe('channel names', () => {
  it('[C1] are made and parsed', () => {
    const name = channelName('bar-1m', 'binance', 'BTC-USDT');
    expect(name).toBe('bar-1m.binance.BTC-USDT');
    expect(parseChannelName(name)).toEqual({ kind: 'bar-1m', venue: 'binance', symbol: 'BTC-USDT' });
    expect(isGroupName(name)).toBe(true);
  });

  it.each([
    'trade.sim',
    'trade.sim.BTC-USD.x',
    'quote.sim.BTC-USD',
    'trade.Sim.BTC-USD',
    'trade.sim.btc-usd',
    'trade.sim.BTCUSD',
    'trade.sim.BTC-USD\n',
    'trade.sim.٣-USD',
    `trade.sim.${'A'.repeat(90)}-USD`,
    '',
    '__proto__',
  ])('[C1] %j is not a channel name', (name) => {
    expect(parseChannelName(name)).toBeUndefined();
  });

  it('[C60] of every kind exist for a symbol of 49 characters, whatever the venue', () => {
    const longest = `${'A'.repeat(44)}-USDT`;
    expect([hasChannels(longest), hasChannels(`A${longest}`), hasChannels('B\u00dcR-USDT')]).toEqual([
      true,
      false,
      false,
    ]);
    for (const kind of channelKinds)
      expect(parseChannelName(channelName(kind, 'v'.repeat(40), longest))).toMatchObject({ symbol: longest });
  });

  it('[C2] follow from the message', () => {
    const header = { venue: 'sim', symbol: 'BTC-USD', ts: 1, rts: 1 };
    const ohlc = { open: '1', high: '1', low: '1', close: '1', volume: '0', quoteVolume: '0', trades: 0 };
    const bar: Bar = { type: 'price.bar', ...header, interval: '1s', start: 0, ...ohlc, closed: false };
    expect(channelOf(bar)).toBe('bar-1s.sim.BTC-USD');
    expect(channelOf({ type: 'price.trade', ...header, id: '1', price: '1', size: '1', side: 'buy' })).toBe(
      'trade.sim.BTC-USD',
    );
    expect(channelOf({ type: 'feed.gap', ...header, afterId: '1', beforeId: '3' })).toBe('gap.sim.BTC-USD');
    expect(channelOf({ type: 'feed.health', ...header, state: 'live', since: 1, ageMs: 0 })).toBe('health.sim.BTC-USD');
  });
});

describe('close codes', () => {
  it.each(['x'.repeat(200), 'é'.repeat(100), '😀'.repeat(50)])('[C3] a long reason is cut to fit', (reason) => {
    const { code, reason: cut } = withReason(closeCodes.badRequest, reason);
    expect(code).toBe(3501);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(123);
    expect(Buffer.byteLength(cut)).toBeGreaterThan(119);
    expect(reason.startsWith(cut)).toBe(true);
    expect(Buffer.from(cut).toString()).toBe(cut);
  });

  it('[C4] say by their range whether to reconnect', () => {
    const isFinal = (code: number): boolean => (code >= 3500 && code < 4000) || (code >= 4500 && code < 5000);
    const final = Object.entries(closeCodes).filter(([, { code }]) => isFinal(code));
    expect(final.map(([name]) => name).sort()).toEqual([
      'badRequest',
      'channelLimit',
      'forceDisconnect',
      'invalidToken',
      'notAvailable',
      'permissionDenied',
      'stale',
      'unknownChannel',
      'unknownSymbol',
    ]);
  });
});

describe('schemas', () => {
  const trade = { type: 'price.trade', venue: 'sim', symbol: 'BTC-USD', ts: 1, rts: -2, id: '1', price: '1.50' };
  const whole = { ...trade, size: '0.10', side: 'buy' };

  it('[C41] accept a message with and without a position, and keep its strings', () => {
    const { Trade } = channelMessageSchemas;
    expect(Trade.parse(whole)).toEqual(whole);
    expect(Trade.parse({ ...whole, seq: 1, epoch: 'e', pts: 3 })).toEqual({ ...whole, seq: 1, epoch: 'e', pts: 3 });
  });

  it.each([
    { price: '0' },
    { price: '0.000' },
    { price: '-1' },
    { price: '1e3' },
    { price: '.5' },
    { price: 1.5 },
    { price: '' },
    { size: '-1' },
    { size: '0.0' },
    { size: '1e-8' },
    { symbol: 'btc-usd' },
    { symbol: 'BTCUSD' },
    { venue: 'Sim' },
    { ts: 1.5 },
    { rts: Number.NaN },
    { side: 'maker' },
    { id: undefined },
    { seq: 0 },
  ])('[C41] reject a trade with %j', (fields) => {
    expect(channelMessageSchemas.Trade.safeParse({ ...whole, ...fields }).success).toBe(false);
  });
});
