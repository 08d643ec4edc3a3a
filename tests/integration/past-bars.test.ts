import { describe, expect, it } from '@jest/globals';
import { createMemoryHistory, createMemoryLayer, createMemoryLease } from '@tickwire/channel-layer';
import { createProducerMetrics, producerConfig, startProducer } from '@tickwire/producer';
import { channelMessageSchemas } from '@tickwire/protocol';
import { createLogger, createNoStateStore } from '@tickwire/runtime';
import { waitFor } from '../support/wait-for.js';

const minuteMs = 60_000;

/** A producer over a history that outlives it, as Redis does. */
const openMarket = () => {
  const layer = createMemoryLayer();
  const history = createMemoryHistory({ publish: (group, message) => void layer.groupSend(group, message) });
  const lease = createMemoryLease({ owner: 'test' });
  const start = () =>
    startProducer({
      ...{ history, layer, lease, state: createNoStateStore() },
      config: producerConfig({ SYMBOLS: 'BTC-USD', SIM_RATE: '50' }),
      logger: createLogger('test', 'silent'),
      metrics: createProducerMetrics(() => undefined),
    });
  const newest = async (kind: string, count: number) => {
    const [range] = await history.newest([`${kind}.sim.BTC-USD`], count);
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
