import { hostname } from 'node:os';
import { closeServer, createLogger, listen, openRedisBackend, readAll, redisConfig, runMain } from '@tickwire/runtime';
import { producerConfig } from './config.js';
import { createHealthServer } from './operations/health.js';
import { createProducerMetrics } from './operations/metrics.js';
import { tellOperators } from './operations/operator-status.js';
import { type Producer, startProducer } from './producer.js';
import { createHistoryPlan } from './publish/history-plan.js';
import { logAppends } from './publish/publish-log.js';

await runMain(async (environment, scope) => {
  const [config, redis] = readAll(
    () => producerConfig(environment),
    () => redisConfig(environment),
  );
  const logger = createLogger('producer', config.logLevel);
  const historyPlan = createHistoryPlan({ ...config.history, logger });
  const backend = scope.own(await openRedisBackend(redis, logger, historyPlan.retention));
  let producer: Producer | undefined;
  const metrics = createProducerMetrics(() => producer);
  const running = await startProducer({
    config,
    logger,
    history: config.publishLog === undefined ? backend.history : logAppends(backend.history, config.publishLog),
    layer: backend.layer,
    historyPlan,
    lease: backend.lease(config.leaseMs),
    state: backend.state,
    metrics,
  });
  producer = running;
  const health = createHealthServer(running, metrics);
  scope.own({ close: () => closeServer(health) });
  const owner = `${hostname()}:${process.pid}`;
  // It closes after the producer, to say that nobody leads here any more.
  scope.own(tellOperators({ producer: running, layer: backend.layer, owner, token: config.adminToken }));
  scope.own(running);
  const port = await listen(health, { port: config.healthPort, host: config.host, variable: 'HEALTH_PORT' });
  logger.info({ port }, `health on http://localhost:${port}/readyz`);
});
