import { describe, expect, it } from '@jest/globals';
import { btcRecording, ethRecording } from '@tickwire/market/testing';
import type { Bar, Trade } from '@tickwire/protocol';
import { isNightly } from '../support/depth.js';
import { type FakeExchange, type RunningExchange, startExchange } from '../support/exchanges/index.js';
import { type Follower, follow } from '../support/follower.js';
import { undoneAfterEach } from '../support/opened.js';
import { barsOf, framesOf, largestBurst, type TableBar, tableOf, units } from '../support/recorded-market.js';
import { startRedisServer } from '../support/redis-server.js';
import { runTickwire, startTickwire } from '../support/tickwire-process.js';
import { patientMs, waitFor } from '../support/wait-for.js';

const undos = undoneAfterEach();
/** By day only this beginning of the recorded market; the burst is in it. */
const dayMs = 310_000;

const startVenue = async (venue: 'binance' | 'coinbase' | 'kraken'): Promise<RunningExchange> => {
  const running = await startExchange(venue);
  undos.push(running.close);
  return running;
};

const keepTrading = (exchange: FakeExchange, symbol: string, everyMs: number): (() => void) => {
  const timer = setInterval(() => exchange.trade(symbol), everyMs);
  const stop = (): void => clearInterval(timer);
  undos.push(stop);
  return stop;
};

const messages = <T>(follower: Follower, channel: string): readonly T[] =>
  [...follower.payloads(channel).values()].map((text) => JSON.parse(text) as T);

const closedBars = (follower: Follower, channel: string): readonly Bar[] =>
  messages<Bar>(follower, channel).filter(({ closed }) => closed);

const asTableBar = ({ start, open, high, low, close, volume, quoteVolume, trades }: Bar): TableBar => ({
  start,
  open,
  high,
  low,
  close,
  trades,
  volume: units(volume),
  quoteVolume: units(quoteVolume, 16),
});

const readiness = async (url: string) => {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, body: (await response.json()) as { reasons: string[]; venues: unknown[] } };
};

describe('real feeds through real processes', () => {
  it('[E70] the recorded minutes of BTC and ETH: each trade once with its strings, bars as the table says, through the burst', async () => {
    const recordings = await Promise.all([btcRecording(), ethRecording()]);
    const recorded = await Promise.all(recordings.map(tableOf));
    const untilMs = isNightly
      ? Number.POSITIVE_INFINITY
      : Math.min(...recorded.map(([first]) => first?.ts ?? 0)) + dayMs;
    const tables = recorded.map((table) => table.filter(({ ts }) => ts < untilMs));
    const isWanted = (frame: string, at: number): boolean => {
      const [, tradedAt] = /@trade".*"T":(\d+)/.exec(frame) ?? [];
      // Best prices only load the way: by day one of ten is enough.
      return tradedAt === undefined ? isNightly || at % 10 === 0 : Number(tradedAt) < untilMs;
    };
    const wanted = await framesOf(recordings, isWanted);
    const frames = wanted.slice(0, wanted.findLastIndex((frame) => frame.includes('@trade"')) + 1);
    const { exchange, variables } = await startVenue('binance');
    await using redis = await startRedisServer();
    const REDIS_URL = redis.url;
    await using producer = await startTickwire('producer', { REDIS_URL, HISTORY_SIZE: '100000', ...variables });
    await using gateway = await startTickwire('gateway', { REDIS_URL });
    await waitFor('the subscriptions', () => [...exchange.clients].some(({ streams }) => streams.size === 6));
    await waitFor('the catalog', async () =>
      (await (await fetch(`${gateway.url}/api/symbols`)).text()).includes('ETH'),
    );
    const kinds = ['trade', 'bar-1s', 'bar-1m', 'gap'];
    const channels = recordings.flatMap(({ symbol }) => kinds.map((kind) => `${kind}.binance.${symbol}`));
    using follower = follow(gateway.url, channels, '&last=0');
    await waitFor('the client', () => follower.isConnected);

    const received = async (): Promise<number> => {
      const text = await (await fetch(`${producer.url}/metrics`)).text();
      return Number(/^tickwire_feed_frames_total\{venue="binance"\} (\d+)/m.exec(text)?.[1] ?? 0);
    };
    const before = await received();
    // As fast as the producer takes them: a burst of the recording stays a burst, and nobody's buffer decides.
    for (let sent = 0; sent < frames.length; ) {
      const until = Math.min(frames.length, sent + 4_000);
      for (; sent < until; sent += 1) for (const client of exchange.clients) client.sendRaw(frames[sent] as string);
      await waitFor('the frames before', async () => (await received()) - before >= sent - 2_000, 30_000);
    }

    for (const [at, { symbol }] of recordings.entries()) {
      const table = tables[at] ?? [];
      expect(table.length).toBeGreaterThan(isNightly ? 10_000 : 4_000);
      const trades = `trade.binance.${symbol}`;
      const last = Number(table.at(-1)?.id);
      await waitFor(`the last trade of ${symbol}`, () => follower.tradeIds(trades).at(-1) === last, 30_000);
      expect(follower.losses).toEqual([]);
      const got = messages<Trade>(follower, trades);
      expect(got.map(({ id, ts, price, size, side }) => ({ id, ts, price, size, side }))).toEqual(table);

      for (const [kind, lengthMs] of [
        ['bar-1s', 1_000],
        ['bar-1m', 60_000],
      ] as const) {
        const channel = `${kind}.binance.${symbol}`;
        const expected = barsOf(table, lengthMs);
        // The last minute closes by the clock, a minute from now: all before it are there.
        const whole = kind === 'bar-1m' ? expected.slice(0, -1) : expected;
        await waitFor(`bars of ${channel}`, () => closedBars(follower, channel).length >= whole.length, 20_000);
        const bars = closedBars(follower, channel).slice(0, whole.length);
        expect(bars.map(asTableBar)).toEqual(whole);
        // Nobody watched the beginning of the first, and the clock closed the last seconds, in a silence.
        const watched = kind === 'bar-1s' ? bars.slice(0, -3) : bars;
        expect(watched.flatMap(({ incomplete }, index) => (incomplete ? [index] : []))).toEqual([0]);
      }
      expect(follower.payloads(`gap.binance.${symbol}`).size).toBe(0);
    }
    expect(follower.violations).toEqual([]);
    expect(follower.losses).toEqual([]);
    const isReal = recordings.every(({ tradesFile }) => tradesFile.includes('20240809'));
    if (isReal) expect(Math.max(...tables.map((table) => largestBurst(table, 100)))).toBeGreaterThanOrEqual(700);
    expect(await readiness(producer.url)).toMatchObject({
      status: 200,
      body: {
        reasons: [],
        venues: [{ venue: 'binance', connections: 1, lost: 0, trades: { gaps: 0, duplicates: 0 } }],
      },
    });
  });

  it.each(isNightly ? (['producer', 'standalone'] as const) : (['standalone'] as const))(
    '[E71] %s: a symbol that no venue lists ends the start with exit code 2 and the nearest names in one line',
    async (app) => {
      const { variables } = await startVenue('binance');
      await using redis = await startRedisServer();
      const SYMBOLS = 'BTC-USTD,ETH-USDT';
      const ended = await runTickwire(app, { REDIS_URL: redis.url, SYMBOLS, ...variables });
      expect(ended.stderr.trimEnd()).toBe(
        'SYMBOLS is "BTC-USTD,ETH-USDT", but binance does not list BTC-USTD (nearest: BTC-USDT, ETH-USDT)',
      );
      expect(ended.exitCode).toBe(2);
    },
  );

  it('[E72] a trade the venue cannot give any more is a gap for clients, and its bar is not complete', async () => {
    const { exchange, variables } = await startVenue('coinbase');
    exchange.trade('BTC-USD', 3);
    await using app = await startTickwire('standalone', { SYMBOLS: 'BTC-USD', ...variables });
    await waitFor('the subscription', () =>
      [...exchange.clients].some(({ streams }) => streams.has('matches:BTC-USD')),
    );
    const stop = keepTrading(exchange, 'BTC-USD', 50);
    const [trades, bars, gaps, health] = ['trade', 'bar-1s', 'gap', 'health'].map(
      (kind) => `${kind}.coinbase.BTC-USD`,
    ) as [string, string, string, string];
    await waitFor('a trade', async () => (await fetch(`${app.url}/api/snapshot?channels=${trades}`)).ok);
    using follower = follow(app.url, [trades, bars, gaps, health]);
    await follower.more(trades, 20);
    const lost = (exchange.truth('BTC-USD').at(-1)?.id ?? 0) + 1;
    exchange.faults.forgotten.add(`BTC-USD#${lost}`);
    exchange.faults.loseTrades = 1;
    const reported = await waitFor('the gap', () => messages<Record<string, unknown>>(follower, gaps)[0], 30_000);
    expect(reported).toMatchObject({
      type: 'feed.gap',
      afterId: String(lost - 1),
      beforeId: String(lost + 1),
      missing: 1,
    });
    await follower.more(trades, 40);
    stop();
    const ids = follower.tradeIds(trades);
    expect(ids).toEqual(
      exchange
        .truth('BTC-USD')
        .map(({ id }) => id)
        .filter((id) => id >= (ids[0] ?? 0) && id <= (ids.at(-1) ?? 0) && id !== lost),
    );
    const second = Math.floor(Number(reported['ts']) / 1_000) * 1_000;
    const bar = await waitFor(
      'its bar',
      () => closedBars(follower, bars).find(({ start }) => start === second),
      20_000,
    );
    expect(bar.incomplete).toBe(true);
    const states = messages<{ state: string }>(follower, health).map(({ state }) => state);
    expect(states).toEqual(expect.arrayContaining(['live', 'resync']));
  });

  it('[E73] a venue that goes away: health says down and why, readiness fails, and both recover', async () => {
    const { exchange, server, variables } = await startVenue('kraken');
    exchange.trade('BTC-USD', 3);
    await using redis = await startRedisServer();
    await using producer = await startTickwire('producer', { REDIS_URL: redis.url, SYMBOLS: 'BTC-USD', ...variables });
    await using gateway = await startTickwire('gateway', { REDIS_URL: redis.url });
    const stop = keepTrading(exchange, 'BTC-USD', 50);
    await waitFor('readiness', async () => (await readiness(producer.url)).status === 200, 20_000);
    const health = 'health.kraken.BTC-USD';
    await waitFor('the catalog', async () =>
      (await (await fetch(`${gateway.url}/api/symbols`)).text()).includes('BTC'),
    );
    using follower = follow(gateway.url, [health, 'trade.kraken.BTC-USD']);
    await follower.more('trade.kraken.BTC-USD', 1);
    exchange.faults.refuseWith = { status: 503 };
    server.destroySockets();
    const down = await waitFor('down', () =>
      messages<Record<string, unknown>>(follower, health).find(({ state }) => state === 'down'),
    );
    expect(down).toMatchObject({ reason: expect.stringContaining('connection closed'), ageMs: expect.any(Number) });
    const refused = await waitFor(
      'the reason',
      async () => {
        const { status, body } = await readiness(producer.url);
        return status === 503 && body.reasons.find((reason) => reason.includes('refused with 503'));
      },
      20_000,
    );
    expect(refused).toBe('no stream is live: kraken BTC-USD is down (refused with 503)');
    exchange.faults.refuseWith = undefined;
    await waitFor('readiness again', async () => (await readiness(producer.url)).status === 200, 60_000);
    stop();
    const last = exchange.truth('BTC-USD').at(-1)?.id;
    await waitFor('the last trade', () => follower.tradeIds('trade.kraken.BTC-USD').at(-1) === last, 20_000);
    const ids = follower.tradeIds('trade.kraken.BTC-USD');
    // What was traded meanwhile was fetched.
    expect(ids).toEqual(ids.map((_, at) => (ids[0] ?? 0) + at));
    expect(follower.violations).toEqual([]);
  });

  it('[P41] [E73] a venue out of reach at the start stops nothing: it is down with the reason, and asked again', async () => {
    const { exchange, variables } = await startVenue('binance');
    exchange.faults.rest = 'down';
    await using app = await startTickwire('standalone', { SYMBOLS: 'BTC-USDT', ...variables });
    await waitFor('the catalog', async () => (await (await fetch(`${app.url}/api/symbols`)).text()).includes('BTC'));
    const [health, trades] = ['health.binance.BTC-USDT', 'trade.binance.BTC-USDT'] as const;
    using follower = follow(app.url, [health, trades]);
    const reported = await waitFor('down', () => messages<Record<string, unknown>>(follower, health)[0]);
    expect(reported).toMatchObject({
      state: 'down',
      reason: expect.stringContaining('binance does not list its symbols'),
    });
    exchange.faults.rest = 'fine';
    const stop = keepTrading(exchange, 'BTC-USDT', 20);
    await follower.more(trades, 10, 30_000);
    stop();
    await waitFor('live', () => messages<{ state: string }>(follower, health).at(-1)?.state === 'live');
  });

  it('[E74] [E75] a leader that is killed leaves its standby no gap; one that is killed without a standby and started again publishes what was traded meanwhile', async () => {
    const { exchange, variables } = await startVenue('coinbase');
    exchange.trade('BTC-USD', 3);
    await using redis = await startRedisServer();
    const settings = { REDIS_URL: redis.url, SYMBOLS: 'BTC-USD', LEASE_MS: String(patientMs(1_000)), ...variables };
    await using leader = await startTickwire('producer', settings);
    await using gateway = await startTickwire('gateway', { REDIS_URL: redis.url });
    // Several in one millisecond.
    const timer = setInterval(() => exchange.trade('BTC-USD', 4), 50);
    undos.push(() => clearInterval(timer));
    await waitFor('a leader', async () => (await readiness(leader.url)).status === 200, 20_000);
    await using standby = await startTickwire('producer', settings);
    await waitFor('a standby', async () => (await readiness(standby.url)).status === 200, 20_000);
    const trades = 'trade.coinbase.BTC-USD';
    await waitFor('the catalog', async () =>
      (await (await fetch(`${gateway.url}/api/symbols`)).text()).includes('BTC'),
    );
    using follower = follow(gateway.url, [trades]);
    await follower.more(trades, 50);
    const newest = (): number => exchange.truth('BTC-USD').at(-1)?.id ?? 0;

    await leader.stop('SIGKILL');
    const firstKilledAt = newest();
    await waitFor('the standby to publish', () => (follower.tradeIds(trades).at(-1) ?? 0) > firstKilledAt + 50, 30_000);

    await standby.stop('SIGKILL');
    const secondKilledAt = newest();
    await waitFor('trades nobody sees', () => newest() > secondKilledAt + 100);
    await using _again = await startTickwire('producer', settings);
    await waitFor('what was traded', () => (follower.tradeIds(trades).at(-1) ?? 0) > secondKilledAt + 100, 40_000);
    clearInterval(timer);
    await waitFor('the last trade', () => follower.tradeIds(trades).at(-1) === newest(), 20_000);
    const ids = follower.tradeIds(trades);
    expect(ids).toEqual(ids.map((_, at) => (ids[0] ?? 0) + at));
    expect(follower.violations).toEqual([]);
    expect(follower.losses).toEqual([]);
  });
});
