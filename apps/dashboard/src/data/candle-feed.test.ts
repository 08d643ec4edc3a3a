import { describe, expect, it } from '@jest/globals';
import { createCandleSeries } from '../model/candle-series.js';
import { firstBars, followCandles } from './candle-feed.js';
import type { FollowOptions, LiveClient, Received, Start } from './live-client.js';
import { createReadOlderBars, type PastBar, pageBars } from './older-bars.js';

const barAt = (seq: number): PastBar => {
  const message = {
    seq,
    epoch: 'e1',
    start: seq * 60_000,
    open: '1',
    high: '1',
    low: '1',
    close: '1',
    volume: '1',
    trades: 1,
    closed: true,
  };
  return message as unknown as PastBar;
};
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A channel whose history goes back from `newest` to `oldest`. */
const start = (oldest: number, newest: number, maxCandles = 3_000) => {
  const reads: string[] = [];
  let begin = (_start: Start): void => {};
  const client: Pick<LiveClient, 'follow'> = {
    follow: <Message>(_: string, { onStart, last = 0 }: FollowOptions, take: (received: Received<Message>) => void) => {
      begin = (how) => {
        onStart?.(how);
        if (how === 'recovered') return;
        for (let seq = Math.max(oldest, newest - last + 1); seq <= newest; seq += 1) {
          take({ message: barAt(seq), seq, arrival: 'history' } as unknown as Received<Message>);
        }
      };
      return () => {};
    },
  };
  const server = { status: 200, recovered: true };
  const answer: typeof fetch = async (address) => {
    const query = new URL(String(address), 'http://page/').searchParams;
    const [before, limit] = [Number(query.get('before')?.split(':')[1]), Number(query.get('limit'))];
    reads.push(`${query.get('channel')} ${query.get('before')} ${limit}`);
    const from = Math.max(oldest, before - limit);
    const messages = Array.from({ length: Math.max(0, before - from) }, (_, i) => barAt(from + i));
    return Response.json({ recovered: server.recovered, messages }, { status: server.status });
  };
  const series = createCandleSeries({ intervalMs: 60_000, maxCandles });
  const feed = followCandles({
    client,
    readOlder: createReadOlderBars(answer, undefined),
    channel: 'bar-1m.sim.BTC-USD',
    series,
    maxCandles,
    onChange: () => {},
    onStart: () => {},
    onRefused: () => {},
  });
  return { feed, series, reads, server, begin: (how: Start = 'fresh') => begin(how) };
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
    expect([series.candles.length, reads]).toEqual([
      firstBars + 2 * pageBars,
      ['bar-1m.sim.BTC-USD e1:701 130', 'bar-1m.sim.BTC-USD e1:571 130'],
    ]);
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

  it.each([
    ['a server that is busy', { status: 503 }],
    ['a history that began again', { recovered: false }],
  ])('[D82] that cannot be read are not asked for again before somebody wants it: %s', async (_, trouble) => {
    const { feed, series, reads, server, begin } = start(101, 1_000);
    begin();
    Object.assign(server, trouble);
    feed.wantOlder();
    await settled();
    expect([feed.isPastUnread, series.candles.length, reads.length]).toEqual([true, firstBars, 1]);
    feed.wantOlder();
    await settled();
    expect(reads.length).toBe(1);
    feed.retryOlder();
    await settled();
    expect([feed.isPastUnread, reads.length]).toEqual([true, 2]);
    Object.assign(server, { status: 200, recovered: true });
    feed.retryOlder();
    await settled();
    expect([feed.isPastUnread, series.candles.length]).toEqual([false, firstBars + 2 * pageBars]);
  });

  it('[D82] that could not be read are read when the connection comes back', async () => {
    const { feed, series, server, begin } = start(101, 1_000);
    begin();
    server.status = 502;
    feed.wantOlder();
    await settled();
    server.status = 200;
    begin('recovered');
    await settled();
    expect([feed.isPastUnread, series.candles.length]).toEqual([false, firstBars + 2 * pageBars]);
  });
});
