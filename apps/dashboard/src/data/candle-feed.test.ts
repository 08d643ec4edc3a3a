import { describe, expect, it } from '@jest/globals';
import type { Bar } from '@tickwire/protocol';
import { createCandleSeries } from '../model/candle-series.js';
import { firstBars, followCandles, pageBars } from './candle-feed.js';
import type { FollowOptions, LiveClient, Received } from './live-client.js';

const barAt = (seq: number): Received<Bar> => {
  const message = {
    start: seq * 60_000,
    open: '1',
    high: '1',
    low: '1',
    close: '1',
    volume: '1',
    trades: 1,
    closed: true,
  };
  return { message: message as unknown as Bar, seq, arrival: 'history' };
};
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A channel whose history goes back from `newest` to `oldest`. */
const start = (oldest: number, newest: number, maxCandles = 3_000) => {
  const reads: number[] = [];
  let begin = (_start: 'fresh' | 'lost'): void => {};
  const client: Pick<LiveClient, 'follow' | 'readBack'> = {
    follow: <Message>(_: string, { onStart, last = 0 }: FollowOptions, take: (received: Received<Message>) => void) => {
      begin = (how) => {
        onStart?.(how);
        for (let seq = Math.max(oldest, newest - last + 1); seq <= newest; seq += 1) {
          take(barAt(seq) as Received<unknown> as Received<Message>);
        }
      };
      return () => {};
    },
    readBack: async <Message>(_: string, limit: number, beforeSeq = 0) => {
      reads.push(limit);
      const found: Received<Bar>[] = [];
      for (let seq = beforeSeq - 1; seq >= oldest && found.length < limit; seq -= 1) found.push(barAt(seq));
      return found as readonly Received<unknown>[] as readonly Received<Message>[];
    },
  };
  const series = createCandleSeries({ intervalMs: 60_000, maxCandles });
  const feed = followCandles({
    client,
    channel: 'bar-1m.sim.BTC-USD',
    series,
    maxCandles,
    onChange: () => {},
    onStart: () => {},
    onRefused: () => {},
  });
  return { feed, series, reads, begin: (how: 'fresh' | 'lost' = 'fresh') => begin(how) };
};

describe('the candles of the page', () => {
  it('[D82] begin with what a screen shows; older ones come page by page when somebody looks there', async () => {
    const { feed, series, reads, begin } = start(101, 1_000);
    begin();
    await settled();
    expect([series.candles.length, reads]).toEqual([firstBars, []]);
    feed.wantOlder();
    // Looking there again meanwhile asks for nothing more.
    feed.wantOlder();
    await settled();
    expect([series.candles.length, reads]).toEqual([firstBars + 2 * pageBars, [pageBars, pageBars]]);
    for (let time = 0; time < 5; time += 1) {
      feed.wantOlder();
      await settled();
    }
    expect([series.candles.length, series.candles[0]?.start, series.missing()]).toEqual([900, 101 * 60_000, []]);
  });

  it('[D82] are bounded however far somebody goes', async () => {
    const { feed, series, begin } = start(1, 9_000, 700);
    begin();
    for (let time = 0; time < 9; time += 1) {
      await settled();
      feed.wantOlder();
    }
    expect(series.candles.length).toBeLessThanOrEqual(700 + pageBars);
  });
});
