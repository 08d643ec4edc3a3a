import { describe, expect, it } from '@jest/globals';
import { createMemoryHistory, createMemoryLayer, createMemoryLease } from '@tickwire/channel-layer';
import { createProducerMetrics, producerConfig, startProducer } from '@tickwire/producer';
import { channelMessageSchemas } from '@tickwire/protocol';
import { createLogger, createNoStateStore } from '@tickwire/runtime';
import { isNightly } from '../support/depth.js';
import { fakeSymbols, seededRandom, startExchange } from '../support/exchanges/index.js';
import { waitFor } from '../support/wait-for.js';

const minuteMs = 60_000;

/** A producer over a history that outlives it, as Redis does. */
const openMarket = (variables: Readonly<Record<string, string>> = { SYMBOLS: 'BTC-USD', SIM_RATE: '50' }) => {
  const layer = createMemoryLayer();
  const history = createMemoryHistory({ publish: (group, message) => void layer.groupSend(group, message) });
  const lease = createMemoryLease({ owner: 'test' });
  const start = () =>
    startProducer({
      history,
      layer,
      lease,
      state: createNoStateStore(),
      config: producerConfig(variables),
      logger: createLogger('test', 'silent'),
      metrics: createProducerMetrics(() => undefined),
    });
  const newest = async (kind: string, count: number, stream = 'sim.BTC-USD') => {
    const [range] = await history.newest([`${kind}.${stream}`], count);
    return range?.messages ?? [];
  };
  return { start, newest, [Symbol.asyncDispose]: layer.close };
};

describe('a first start with the simulator', () => {
  it('[P157] has bars of a day and an interval for every horizon of minutes within 5 s', async () => {
    await using market = openMarket();
    const startedAt = performance.now();
    const producer = await market.start();
    await waitFor('a forecast', async () => (await market.newest('forecast', 1)).length > 0);
    await waitFor('a day of bars', async () => (await market.newest('bar-1h', 100)).length >= 22);
    // Five seconds on a machine that has nothing else to do.
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    const [forecast] = await market.newest('forecast', 1);
    const horizons = channelMessageSchemas.Forecast.parse(forecast).horizons;
    expect(horizons.map(({ seconds }) => seconds)).toEqual(expect.arrayContaining([60, 300, 900]));
    const minutes = (await market.newest('bar-1m', 2_000)).map((message) => channelMessageSchemas.Bar.parse(message));
    expect(minutes.length).toBeGreaterThanOrEqual(1_439);
    const first = minutes[0]?.start ?? 0;
    expect(minutes.map(({ start }) => start)).toEqual(minutes.map((_, at) => first + at * minuteMs));
    expect((await market.newest('bar-1h', 100)).length).toBeGreaterThanOrEqual(22);
    await producer.close();
  });

  it('[P155] fetches after a restart only what is missing', async () => {
    await using market = openMarket();
    const first = await market.start();
    await waitFor('the past', async () => (await market.newest('bar-1h', 100)).length >= 22);
    await first.close();
    const before = await market.newest('bar-1m', 2_000);
    const second = await market.start();
    await waitFor('a forecast of the second', async () => {
      const [forecast] = await market.newest('forecast', 1);
      return Number(forecast?.['rts']) > Number(before.at(-1)?.['pts']) + 1;
    });
    await second.close();
    const starts = (await market.newest('bar-1m', 3_000)).map(({ start }) => Number(start));
    expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
    expect(starts.length - before.length).toBeLessThan(5);
  });
});

/** By day the one with the shortest past. */
const venues = isNightly ? (['binance', 'coinbase', 'kraken'] as const) : (['kraken'] as const);

describe.each(venues)('a first start with %s', (venue) => {
  it('[P157] has the bars that the venue has, and an interval for every horizon of minutes', async () => {
    const [listed] = fakeSymbols[venue];
    const symbol = listed?.symbol ?? '';
    const stream = `${venue}.${symbol}`;
    const { exchange, variables, close } = await startExchange(venue, { random: seededRandom(1) });
    exchange.faults.hasCandles = true;
    const trading = setInterval(() => {
      exchange.trade(symbol);
      exchange.quote(symbol);
    }, 500);
    {
      await using market = openMarket({ ...variables, SYMBOLS: symbol });
      const producer = await market.start();
      await waitFor('a forecast', async () => (await market.newest('forecast', 1, stream)).length > 0, 30_000);
      const [forecast] = await market.newest('forecast', 1, stream);
      const { horizons } = channelMessageSchemas.Forecast.parse(forecast);
      expect(horizons.map(({ seconds }) => seconds)).toEqual([60, 300, 900]);
      await waitFor('days', async () => (await market.newest('bar-1d', 60, stream)).length >= 50, 30_000);
      for (const [interval, count] of [
        ['1m', venue === 'kraken' ? 700 : 2_870],
        ['1h', 600],
        ['4h', 80],
      ] as const) {
        const bars = (await market.newest(`bar-${interval}`, 2_900, stream)).map((each) =>
          channelMessageSchemas.Bar.parse(each),
        );
        expect([interval, bars.length >= count]).toEqual([interval, true]);
        expect(bars.slice(0, -3).every(({ source }) => source === 'venue')).toBe(true);
        // Each in its place; one may have come again, as the venue has it.
        const starts = [...new Set(bars.map(({ start }) => start))];
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
      }
      expect(exchange.violations).toEqual([]);
      await producer.close();
    }
    clearInterval(trading);
    await close();
  });
});

it('[P333] a symbol that joins while the producer runs begins with its past, and so does one that comes back', async () => {
  const [first] = fakeSymbols.binance;
  if (first === undefined) throw new Error('no symbol');
  const { exchange, variables, close } = await startExchange('binance', { random: seededRandom(1) });
  exchange.faults.hasCandles = true;
  const joining = { ...first, symbol: 'NEW-USDT' };
  {
    await using market = openMarket({ ...variables, SYMBOLS: '*-USDT', LISTING_MS: '1000' });
    const producer = await market.start();
    const streams = (): readonly string[] => producer.streams().map(({ symbol }) => symbol);
    const starts = async (): Promise<readonly number[]> =>
      (await market.newest('bar-1m', 3_000, 'binance.NEW-USDT')).map(({ start }) => Number(start));
    await waitFor(
      'the first past',
      async () => (await market.newest('bar-1d', 60, `binance.${first.symbol}`)).length > 0,
    );
    exchange.list(joining);
    await waitFor('days', async () => (await market.newest('bar-1d', 60, 'binance.NEW-USDT')).length >= 50, 30_000);
    expect((await starts()).length).toBeGreaterThan(2_800);
    exchange.delist('NEW-USDT');
    await waitFor('its end', () => !streams().includes('NEW-USDT'), 30_000);
    exchange.list(joining);
    exchange.trade('NEW-USDT');
    await waitFor('it is back', () => streams().includes('NEW-USDT'), 30_000);
    // Bars of the past come once, in order.
    const all = await starts();
    expect(all).toEqual([...new Set(all)].toSorted((a, b) => a - b));
    await producer.close();
  }
  await close();
});
