import { createLogger, listen, openRedisBackend, redisConfig, runMain } from '@tickwire/runtime';
import { producerConfig } from './config.js';
import { createHealthServer } from './health.js';
import { startProducer } from './producer.js';

await runMain(async (environment) => {
  const config = producerConfig(environment);
  const redis = redisConfig(environment);
  const logger = createLogger('producer', config.logLevel);
  const backend = await openRedisBackend(redis, logger);
  const producer = await startProducer({
    config,
    logger,
    history: backend.history,
    lease: backend.lease(config.leaseMs),
    state: backend.state,
  });
  const health = createHealthServer(producer);
  const port = await listen(health, config.healthPort, config.host);
  logger.info({ port }, `health on http://localhost:${port}/readyz`);
  return {
    async close() {
      await producer.close();
      health.close();
      health.closeAllConnections();
      await backend.close();
    },
  };
});
