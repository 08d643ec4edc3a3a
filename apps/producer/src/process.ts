import { askedForHelp, createLogger, openRedisBackend, readAll, redisConfig, runMain } from '@tickwire/runtime';
import { producerConfig } from './config.js';
import { createHistoryPlan } from './publish/history-plan.js';
import { runProducer } from './run-producer.js';

await runMain(async (environment, scope) => {
  if (await askedForHelp(process.argv.slice(2), 'A producer: publishes the prices of FEED to the Redis of REDIS_URL.'))
    return;
  const [config, redis] = readAll(
    () => producerConfig(environment),
    () => redisConfig(environment),
  );
  const logger = createLogger('producer', config.logLevel, config.logFormat);
  const historyPlan = createHistoryPlan({ ...config.history, logger });
  const backend = scope.own(await openRedisBackend(redis, logger, historyPlan.retention));
  await runProducer({ config, logger, backend, historyPlan }, scope);
  scope.own({ close: () => logger.info('stopping') });
});
