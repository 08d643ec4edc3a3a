import { describe, expect, it } from '@jest/globals';
import type { FeedEvent } from '@tickwire/market';
import type { Bar, MarketMessage } from '@tickwire/protocol';
import { createInstrumentPipelines } from './instrument-pipelines.js';

const venue = 'binance';
const ts = 1_700_000_000_000;
const trade = (symbol: string, id: string, atMs: number): FeedEvent => ({
  kind: 'trade',
  trade: {
    type: 'price.trade',
    venue,
    symbol,
    ts: ts + atMs,
    rts: ts + atMs,
    id,
    price: '1.50',
    size: '1',
    side: 'buy',
  },
});

describe('the pipelines of a feed', () => {
  it('[P202] an instrument that is not followed any more closes its bars, and nothing follows', () => {
    const published: MarketMessage[] = [];
    const pipelines = createInstrumentPipelines({ tickerMs: 100, publish: (message) => published.push(message) });
    const both = ['OLD-USDT', 'BTC-USDT'].map((symbol) => ({ venue, symbol }));
    const [, btc] = both;
    expect(pipelines.follow(both, 0)).toBe(true);
    expect(pipelines.follow([...both], 0)).toBe(false);
    for (const each of both) pipelines.of(each).add(trade(each.symbol, '1', 0), 0);
    published.length = 0;

    expect(pipelines.follow(btc ? [btc] : [], 0)).toBe(true);
    for (let atMs = 0; atMs <= 240_000; atMs += 1_000) pipelines.advance(ts + atMs, atMs);
    const bars = published.filter(({ type, symbol }) => type === 'price.bar' && symbol === 'OLD-USDT') as Bar[];
    const closed = bars.filter((bar) => bar.closed).map(({ interval }) => interval);
    expect(closed.slice(0, 2)).toEqual(['1s', '1m']);
    expect(new Set(closed).size).toBe(closed.length);
    published.length = 0;
    pipelines.advance(ts + 300_000, 300_000);
    expect(new Set(published.map(({ symbol }) => symbol))).toEqual(new Set(['BTC-USDT']));
    expect(pipelines.health(ts, 0).map(({ symbol }) => symbol)).toEqual(['BTC-USDT']);
    expect(both.map((each) => pipelines.find(each)?.priceDecimals)).toEqual([undefined, 2]);
  });
});
