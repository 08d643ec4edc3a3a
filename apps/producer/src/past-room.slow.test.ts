import { expect, it } from '@jest/globals';
import { createMemoryHistory, createMemoryLease, type History } from '@tickwire/channel-layer';
import { createLogger, createNoStateStore } from '@tickwire/runtime';
import { waitFor } from '../../../tests/support/wait-for.js';
import { producerConfig } from './config.js';
import { createProducerMetrics } from './operations/metrics.js';
import { type Producer, startProducer } from './producer.js';

const symbols = Array.from({ length: 6 }, (_, index) => `COIN${index}-USD`);
/** Bars of a symbol's past: minutes, and those that are folded from them. */
const mostOfSymbol = 2_000;

it('[P350] prices wait behind the past of one symbol at most, however many symbols start', async () => {
  const store = createMemoryHistory({ publish: () => {} });
  const filled = new Set<string>();
  let most = 0;
  let producer: Producer | undefined;
  const append: History['append'] = async (batches, fence) => {
    most = Math.max(most, producer?.buffered ?? 0);
    for (const { group } of batches) if (group.startsWith('bar-1h.')) filled.add(group);
    // The past of several symbols is computed meanwhile.
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return store.append(batches, fence);
  };
  producer = await startProducer({
    config: producerConfig({ FEED: 'simulated', SYMBOLS: symbols.join(), SIM_RATE: '1' }),
    logger: createLogger('test', 'silent'),
    history: { ...store, append },
    layer: { groupSend: async () => {} },
    lease: createMemoryLease({ owner: 'test' }),
    state: createNoStateStore(),
    metrics: createProducerMetrics(() => undefined),
  });
  await waitFor('the past of all symbols', () => filled.size === symbols.length);
  await producer.close();
  expect(most).toBeLessThan(2 * mostOfSymbol);
});
