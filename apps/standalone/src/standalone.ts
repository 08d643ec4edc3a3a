import { type Gateway, type GatewayConfig, gatewayConfig, startGateway } from '@tickwire/gateway';
import { createHistoryPlan, type ProducerConfig, producerConfig, runProducer } from '@tickwire/producer';
import {
  ConfigError,
  createLogger,
  type Environment,
  hintsWithoutRedis,
  openMemoryBackend,
  openRedisBackend,
  type RedisConfig,
  readAll,
  redisConfig,
  type Scope,
} from '@tickwire/runtime';

export interface StandaloneConfig {
  readonly gateway: GatewayConfig;
  readonly producer: ProducerConfig;
  /** Undefined without REDIS_URL. */
  readonly redis: RedisConfig | undefined;
  /** Variables of Redis that have no effect without REDIS_URL. */
  readonly hints: readonly string[];
}

/** @throws ConfigError with all that is wrong for any part. */
export const standaloneConfig = (environment: Environment): StandaloneConfig => {
  const [gateway, producer, redis] = readAll(
    () => gatewayConfig(environment),
    () => producerConfig(environment),
    () => (environment['REDIS_URL'] ? redisConfig(environment) : undefined),
  );
  checkHealthPort(gateway, producer);
  return { gateway, producer, redis, hints: redis === undefined ? hintsWithoutRedis(environment) : [] };
};

/** @throws ConfigError if two variables name one port. */
const checkHealthPort = ({ port, metricsPort, adminPort }: GatewayConfig, { healthPort }: ProducerConfig): void => {
  const ports = Object.entries({ PORT: port, METRICS_PORT: metricsPort, ADMIN_PORT: adminPort });
  const [name] = ports.find(([, number]) => number === healthPort && Boolean(number)) ?? [];
  if (name === undefined) return;
  throw new ConfigError(`HEALTH_PORT and ${name} are both ${healthPort}: each needs a port of its own`);
};

/**
 * Producer and gateway in one process: over the Redis of REDIS_URL, where other processes may do their part, or over
 * memory, where everything works and nothing is to be installed. `onListening` is called as soon as the gateway serves,
 * which a producer that waits for Redis or its venue does not delay.
 */
export const startStandalone = async (
  environment: Environment,
  scope: Scope,
  onListening: (gateway: Gateway) => void = () => {},
): Promise<Gateway> => {
  const { gateway: config, producer, redis, hints } = standaloneConfig(environment);
  const logger = createLogger('tickwire', config.logLevel, config.logFormat).child({ gateway: config.gatewayName });
  if ((config.gatewayWorkers ?? 1) > 1) {
    logger.warn('GATEWAY_WORKERS is for `npm run gateway`: producer and gateway in one process serve clients alone');
  }
  for (const hint of hints) logger.warn(hint);
  const historyPlan = createHistoryPlan({ ...producer.history, logger });
  const { retention } = historyPlan;
  const backend = scope.own(redis ? await openRedisBackend(redis, logger, retention) : openMemoryBackend(retention));
  const gateway = scope.own(await startGateway({ ...backend, config, logger }));
  onListening(gateway);
  await runProducer({ config: producer, logger, backend, historyPlan }, scope);
  scope.own({ close: () => logger.info('stopping') });
  return gateway;
};
