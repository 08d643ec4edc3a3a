import { hostname } from 'node:os';
import { createMemoryHistory, createMemoryLayer, createMemoryLease } from '@tickwire/channel-layer';
import { gatewayConfig, startGateway } from '@tickwire/gateway';
import {
  createHistoryPlan,
  createProducerMetrics,
  producerConfig,
  startProducer,
  tellOperators,
} from '@tickwire/producer';
import { createLogger, createNoStateStore, readAll, runMain } from '@tickwire/runtime';

// Producer and gateway in one process over the in-memory layer: everything works, nothing to install.
await runMain(async (environment, scope) => {
  const [config, producing] = readAll(
    () => gatewayConfig(environment),
    () => producerConfig(environment),
  );
  const logger = createLogger('tickwire', config.logLevel);
  const layer = scope.own(createMemoryLayer());
  const historyPlan = createHistoryPlan({ ...producing.history, logger });
  const history = createMemoryHistory({
    publish: (group, message) => void layer.groupSend(group, message),
    boundsOf: historyPlan.retention.boundsOf,
  });
  const gateway = scope.own(await startGateway({ config, logger, layer, history }));
  const producer = await startProducer({
    config: producing,
    logger,
    history,
    layer,
    historyPlan,
    lease: createMemoryLease({ owner: 'standalone' }),
    state: createNoStateStore(),
    metrics: createProducerMetrics(() => undefined),
  });
  const owner = `${hostname()}:${process.pid}`;
  // It closes after the producer, to say that nobody leads here any more.
  scope.own(tellOperators({ producer, layer, owner, token: config.adminToken }));
  scope.own(producer);
  process.stdout.write(`\n  Tickwire is at http://localhost:${gateway.port}/\n\n`);
});
