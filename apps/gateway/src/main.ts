import { createLogger, openRedisBackend, readAll, redisConfig, runMain } from '@tickwire/runtime';
import { gatewayConfig } from './config.js';
import { startGateway } from './gateway.js';

await runMain(async (environment, scope) => {
  const [config, redis] = readAll(
    () => gatewayConfig(environment),
    () => redisConfig(environment),
  );
  const logger = createLogger('gateway', config.logLevel, config.logFormat);
  const backend = scope.own(await openRedisBackend(redis, logger));
  const gateway = scope.own(await startGateway({ ...backend, config, logger }));
  logger.info({ port: gateway.port }, `gateway listens on ${gateway.url}`);
});
