import { createLogger, openRedisBackend, redisConfig, runMain } from '@tickwire/runtime';
import { gatewayConfig } from './config.js';
import { startGateway } from './gateway.js';

await runMain(async (environment) => {
  const config = gatewayConfig(environment);
  const redis = redisConfig(environment);
  const logger = createLogger('gateway', config.logLevel);
  const backend = await openRedisBackend(redis, logger);
  const gateway = await startGateway({ config, logger, ...backend });
  logger.info({ port: gateway.port }, `gateway listens on http://localhost:${gateway.port}/`);
  return {
    async close() {
      await gateway.close();
      await backend.close();
    },
  };
});
