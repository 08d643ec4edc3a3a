import { hostname } from 'node:os';
import { createLogger, listen, openRedisBackend, redisConfig, runMain } from '@tickwire/runtime';
import { producerConfig } from './config.js';
import { createHealthServer } from './health.js';
import { createProducerMetrics } from './metrics.js';
import { type Producer, startProducer } from './producer.js';
import { logAppends } from './publish-log.js';

const tellMs = 2_000;

await runMain(async (environment) => {
  const config = producerConfig(environment);
  const redis = redisConfig(environment);
  const logger = createLogger('producer', config.logLevel);
  const backend = await openRedisBackend(redis, logger);
  let producer: Producer | undefined;
  const metrics = createProducerMetrics(() => producer);
  const running = await startProducer({
    config,
    logger,
    history: config.publishLog === undefined ? backend.history : logAppends(backend.history, config.publishLog),
    lease: backend.lease(config.leaseMs),
    state: backend.state,
    metrics,
  });
  producer = running;
  // For operators, who see it at a gateway's /admin/api. What gets lost is told again.
  const telling = setInterval(() => {
    const status = {
      owner: `${hostname()}:${process.pid}`,
      isLeading: running.isLeading,
      buffered: running.buffered,
      published: running.counters().published,
      notLive: running.streams().filter(({ state }) => state !== 'live').length,
    };
    backend.layer.groupSend('tickwire.producers', { type: 'producer.status', ...status }).catch(() => {});
  }, tellMs);
  const health = createHealthServer(running, metrics);
  const port = await listen(health, config.healthPort, config.host);
  logger.info({ port }, `health on http://localhost:${port}/readyz`);
  return {
    async close() {
      clearInterval(telling);
      await running.close();
      health.close();
      health.closeAllConnections();
      await backend.close();
    },
  };
});
