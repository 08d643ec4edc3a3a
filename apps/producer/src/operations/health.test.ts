import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { Health } from '@tickwire/protocol';
import { createHealthServer, readinessOf } from './health.js';

const now = 1_000_000;
const counters = {
  published: 7,
  refused: 0,
  epochs: 1,
  republished: 0,
  overflowed: 0,
  retries: 0,
  passed: 0,
  unpassed: 0,
};
const stream = (symbol: string, state: Health['state'], reason?: string): Health => ({
  type: 'feed.health',
  venue: 'binance',
  symbol,
  ts: now,
  rts: now,
  state,
  since: now - 5_000,
  ageMs: 4_000,
  ...(reason !== undefined && { reason }),
});
const source = (over: Partial<Parameters<typeof readinessOf>[0]> = {}): Parameters<typeof readinessOf>[0] => ({
  isLeading: true,
  counters: () => counters,
  buffered: 0,
  heardAt: now,
  pastMs: () => 0,
  hasEnded: false,
  retention: { share: 1, reductions: 0 },
  stalled: undefined,
  publishedAt: now,
  setAside: () => new Map(),
  cannotLead: undefined,
  feedDifference: undefined,
  streams: () => [stream('BTC-USDT', 'live')],
  venues: () => [],
  ...over,
});

describe('readiness', () => {
  it('[P44] is given with a live stream; other streams are named with their trouble', () => {
    const down = stream('ETH-USDT', 'down', 'refused with 429');
    const readiness = readinessOf(source({ streams: () => [stream('BTC-USDT', 'live'), down] }), now);
    expect(readiness).toMatchObject({ ready: true, reasons: [], role: 'leader', streams: { live: 1, others: 1 } });
    const { venue, symbol, state, since, ageMs, reason } = down;
    expect(readiness.troubled).toEqual([{ venue, symbol, state, since, ageMs, reason }]);
  });

  it.each([
    [{ heardAt: undefined }, 'the feed has brought nothing yet'],
    [{ heardAt: now - 60_001 }, 'the feed is silent'],
    [
      { streams: () => [stream('BTC-USDT', 'down', 'connecting'), stream('ETH-USDT', 'stale')] },
      'no stream is live: binance BTC-USDT is down (connecting)',
    ],
    [{ counters: () => ({ ...counters, published: 0 }) }, 'nothing published yet'],
    [{ pastMs: () => 1_200_400 }, 'the past of the feed is computed first: 1200 s of it are left'],
  ])('[P44] %o is not ready', (over, reason) => {
    expect(readinessOf(source(over), now)).toMatchObject({ ready: false, reasons: [reason] });
  });

  it.each([
    [{ stalled: { sinceMs: now - 12_000, reason: 'MISCONF' } }, 'nothing published for 12 s: MISCONF'],
    [{ publishedAt: now - 31_000 }, 'the feed brings something, and nothing was published for 31 s'],
    [{ isLeading: false, cannotLead: 'the lease is out of reach: NOPERM' }, 'the lease is out of reach: NOPERM'],
  ])('[P123] %o is not ready, and says why', (over, reason) => {
    expect(readinessOf(source(over), now)).toMatchObject({ ready: false, reasons: [reason] });
  });

  it('[P123] stays during a short failure, while the feed is silent too, and with groups set aside', () => {
    const short = { stalled: { sinceMs: now - 9_000, reason: 'LOADING' } };
    const quiet = { publishedAt: now - 31_000, heardAt: now - 61_000, hasEnded: true };
    const aside = { setAside: () => new Map([['trade.sim.BTC-USD', 'WRONGTYPE']]) };
    for (const over of [short, quiet, aside]) expect(readinessOf(source(over), now)).toMatchObject({ ready: true });
    const { setAside } = readinessOf(source(aside), now);
    expect(setAside).toEqual({ count: 1, groups: { 'trade.sim.BTC-USD': 'WRONGTYPE' } });
  });

  it('[P352] is not ready for longer than ten seconds if every group is set aside', () => {
    const setAside = () => new Map([['trade.sim.BTC-USD', 'NOPERM this user may not PUBLISH']]);
    const over = { setAside, publishedAt: now - 11_000 };
    expect(readinessOf(source(over), now)).toMatchObject({
      ready: false,
      reasons: ['nothing published for 11 s: NOPERM this user may not PUBLISH'],
    });
    expect(readinessOf(source({ setAside, publishedAt: now - 9_000 }), now)).toMatchObject({ ready: true });
  });

  it('[P181] a standby with another feed than its leader is ready, so that a rollout goes on, and says so', () => {
    const over = { isLeading: false, feedDifference: 'the feed is not that of the leader: with sim ETH-USD' };
    expect(readinessOf(source(over), now)).toMatchObject({ ready: true, reasons: [], notes: [over.feedDifference] });
    expect(readinessOf(source(), now)).toMatchObject({ notes: [] });
  });

  it('[P44] stays after the end of a recording, and for a standby that has published nothing', () => {
    const ended = { hasEnded: true, heardAt: now - 100_000 };
    const standby = { isLeading: false, counters: () => ({ ...counters, published: 0 }) };
    expect(readinessOf(source({ ...ended, ...standby }), now)).toMatchObject({ ready: true, role: 'standby' });
  });
});

describe('the health server', () => {
  it('[GL27] answers 500 with one sentence if a request fails, and continues', async () => {
    const broken = source({
      streams: () => {
        throw new Error('the inside');
      },
    });
    const metrics = { render: () => Promise.reject(new Error('the inside')) };
    const producer = {
      ...broken,
      feeds: () => [],
      barLosses: () => [],
      badPrices: () => 0,
      unrestored: () => 0,
      close: () => Promise.resolve(),
    };
    const server = createHealthServer(() => producer, metrics);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ask = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, await response.json()];
    };
    const failed = [500, { error: 'internal error' }];
    expect(await ask('/readyz')).toEqual(failed);
    expect(await ask('/metrics')).toEqual(failed);
    expect(await ask('/eyJ.token')).toEqual([404, { error: 'not found' }]);
    expect(await ask('/healthz')).toEqual([200, { status: 'ok' }]);
    server.close();
    server.closeAllConnections();
  });
});
