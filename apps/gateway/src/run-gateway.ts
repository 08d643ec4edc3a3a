import {
  createLogger,
  type Environment,
  type Logger,
  openRedisBackend,
  type RedisConfig,
  readAll,
  redisConfig,
  type Scope,
} from '@tickwire/runtime';
import { type GatewayConfig, gatewayConfig } from './config.js';
import type { Gateway } from './gateway.js';
import type { Crew } from './workers/crew.js';

export interface ProcessConfig {
  readonly gateway: GatewayConfig;
  readonly redis: RedisConfig;
}

/** @throws ConfigError with everything that is wrong */
export const processConfig = (environment: Environment): ProcessConfig => {
  const [gateway, redis] = readAll(
    () => gatewayConfig(environment),
    () => redisConfig(environment),
  );
  return { gateway, redis };
};

/** Each line of the log names the gateway and the worker, from the first line on. */
export const gatewayLogger = ({ logLevel, logFormat, gatewayName }: GatewayConfig, worker?: number): Logger =>
  createLogger('gateway', logLevel, logFormat).child({
    gateway: gatewayName,
    ...(worker !== undefined && { worker }),
  });

/** A gateway over Redis in this process: the whole gateway, or one of its workers. */
export const runGateway = async (
  { gateway: config, redis }: ProcessConfig,
  logger: Logger,
  scope: Scope,
  crew?: Crew,
): Promise<Gateway> => {
  // The primary process of workers needs none of this.
  const { startGateway } = await import('./gateway.js');
  const hints = (crew?.worker ?? 1) === 1 ? redis.hints : [];
  const backend = scope.own(await openRedisBackend({ ...redis, hints }, logger));
  return scope.own(await startGateway({ ...backend, config, logger, ...(crew && { crew }) }));
};
