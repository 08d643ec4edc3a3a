import { hostname } from 'node:os';
import { createMemoryHistory, createMemoryLayer, createMemoryLease } from '@tickwire/channel-layer';
import { gatewayConfig, startGateway } from '@tickwire/gateway';
import { createProducerMetrics, producerConfig, startProducer, tellOperators } from '@tickwire/producer';
import { createLogger, createNoStateStore, runMain } from '@tickwire/runtime';

// Producer and gateway in one process over the in-memory layer: everything works, nothing to install.
await runMain(async (environment) => {
  const config = gatewayConfig(environment);
  const producing = producerConfig(environment);
  const logger = createLogger('tickwire', config.logLevel);
  const layer = createMemoryLayer();
  const history = createMemoryHistory({ publish: (group, message) => void layer.groupSend(group, message) });
  const gateway = await startGateway({ config, logger, layer, history });
  const producer = await startProducer({
    config: producing,
    logger,
    history,
    lease: createMemoryLease({ owner: 'standalone' }),
    state: createNoStateStore(),
    metrics: createProducerMetrics(() => undefined),
  });
  const owner = `${hostname()}:${process.pid}`;
  const telling = tellOperators({ producer, layer, owner, token: config.adminToken });
  process.stdout.write(`\n  Tickwire is at http://localhost:${gateway.port}/\n\n`);
  return {
    async close() {
      await producer.close();
      await telling.close();
      await gateway.close();
      await layer.close();
    },
  };
});
