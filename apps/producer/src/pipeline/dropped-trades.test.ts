import { describe, expect, it } from '@jest/globals';
import type { MarketMessage, Trade } from '@tickwire/protocol';
import { createDroppedTradesLog, createGapLog, sumLosses } from './dropped-trades.js';
import { createInstrumentPipeline } from './instrument-pipeline.js';

const trade = (ts: number, rts: number): Trade => ({
  type: 'price.trade',
  venue: 'sim',
  symbol: 'BTC-USD',
  ts,
  rts,
  id: String(rts),
  price: '1',
  size: '1',
  side: 'buy',
});

describe('trades that no bar accepted', () => {
  it('[P81] are published, counted by venue and interval, and make one line in ten seconds', () => {
    const lines: unknown[] = [];
    const published: MarketMessage[] = [];
    let at = 0;
    const logger = { warn: (line: unknown) => lines.push(line), info: () => {} };
    const onDroppedTrade = createDroppedTradesLog({ logger, now: () => at });
    const pipelines = ['BTC-USD', 'ETH-USD'].map((symbol) =>
      createInstrumentPipeline({
        venue: 'sim',
        symbol,
        tickerMs: 100,
        onDroppedTrade,
        publish: (message) => published.push(message),
      }),
    );
    for (const pipeline of pipelines) {
      pipeline.add({ kind: 'trade', trade: trade(1_000, 1_000) });
      pipeline.advance(3_000);
    }
    for (at = 0; at < 15_000; at += 1_000)
      for (const pipeline of pipelines) pipeline.add({ kind: 'trade', trade: trade(1_500, 3_000 + at) });
    expect(published.filter(({ type }) => type === 'price.trade')).toHaveLength(32);
    expect(sumLosses(pipelines)).toEqual([
      { venue: 'sim', interval: '1s', lateTrades: 30, aheadTrades: 0, skippedBars: 0 },
      { venue: 'sim', interval: '1m', lateTrades: 0, aheadTrades: 0, skippedBars: 0 },
    ]);
    expect(lines).toEqual([
      { venue: 'sim', symbol: 'BTC-USD', interval: '1s', latenessMs: 1_500, times: 1 },
      { venue: 'sim', symbol: 'BTC-USD', interval: '1s', latenessMs: 11_500, times: 20 },
    ]);
  });
});

describe('holes in the trades of a venue', () => {
  it('[P190] make one line in ten seconds, with their number and the ids around the newest', () => {
    const lines: unknown[] = [];
    let at = 0;
    const logGap = createGapLog({
      logger: { warn: (line: unknown) => lines.push(line), info: () => {} },
      now: () => at,
    });
    for (; at < 15_000; at += 1_000)
      logGap({
        type: 'feed.gap',
        venue: 'kraken',
        symbol: 'BTC-USD',
        ts: 0,
        rts: at,
        afterId: String(at),
        beforeId: String(at + 2),
      });
    expect(lines).toEqual([
      { venue: 'kraken', symbol: 'BTC-USD', afterId: '0', beforeId: '2', times: 1 },
      { venue: 'kraken', symbol: 'BTC-USD', afterId: '10000', beforeId: '10002', times: 10 },
    ]);
  });
});
