import { createServer, type Server } from 'node:http';
import { RedisUnavailable } from '@tickwire/channel-layer';
import { createAccess, readTlsIdentity, workerCount } from '@tickwire/gateway';
import { createHistoryPlan, listInstruments } from '@tickwire/producer';
import {
  type Backend,
  ConfigError,
  createLogger,
  type Environment,
  listen,
  openRedisBackend,
  StartError,
} from '@tickwire/runtime';
import { type StandaloneConfig, standaloneConfig } from './standalone.js';

const maxNamed = 6;

/**
 * What a start would do, a line for each part. Nothing is published, and nothing stays open.
 * @throws ConfigError for bad variables; StartError with a line for each part that could not start, after the others.
 */
export const check = async (environment: Environment, say: (line: string) => void): Promise<void> => {
  const config = standaloneConfig(environment);
  for (const hint of new Set(
    [config, config.gateway, config.producer, config.redis].flatMap((part) => part?.hints ?? []),
  ))
    say(hint);
  const problems: string[] = [];
  const steps = [checkBackend, checkFeed, checkWorkers, checkAccess, checkPorts];
  for (const step of steps) {
    try {
      say(await step(config));
    } catch (error) {
      if (!(error instanceof StartError || error instanceof ConfigError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new StartError(problems.join('\n'));
};

const silent = createLogger('check', 'silent');

const checkBackend = async ({ redis, producer }: StandaloneConfig): Promise<string> => {
  if (redis === undefined) return 'backend: memory of this process alone, for REDIS_URL is not set';
  const backend = await openRedisBackend({ ...redis, hints: [] }, silent);
  try {
    const role = await roleOn(backend, producer);
    return `backend: Redis answers; keys begin with ${redis.prefix}:, groups with ${redis.layerPrefix}; ${role}`;
  } catch (error) {
    throw error instanceof RedisUnavailable ? new StartError(error.message, { cause: error }) : error;
  } finally {
    await backend.close();
  }
};

const roleOn = async (backend: Backend, { leaseMs, producerName }: StandaloneConfig['producer']): Promise<string> => {
  const holder = await backend.lease(leaseMs, producerName).holder();
  return holder === undefined
    ? 'no producer leads, so this one would'
    : `${holder.owner} leads, so this producer would stand by`;
};

const checkFeed = async ({ producer }: StandaloneConfig): Promise<string> => {
  const unread: string[] = [];
  const logger = silent.child({});
  logger.warn = (details: Readonly<Record<string, unknown>> | string, text = '') => {
    unread.push(typeof details === 'string' ? details : sentenceOf(details, text));
  };
  const instruments = await listInstruments(producer.feed, logger);
  const named = instruments.slice(0, maxNamed).map(({ venue, symbol }) => `${venue} ${symbol}`);
  const others = instruments.length - named.length;
  const plan = createHistoryPlan({ ...producer.history, logger: silent }).divide(instruments.length);
  const kept =
    plan.share === 1 ? 'all that is wanted' : `${Math.round(plan.share * 100)} % of the ${plan.wantedMb} MB wanted`;
  const { producerName } = producer;
  const ofPart =
    producerName === undefined
      ? ''
      : `, for the part ${producerName} alone: every PRODUCER_NAME takes its own beside it`;
  return [
    `feed: ${producer.feed.kind}, ${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`,
    ...unread,
    `history: ${plan.channels} channels in ${plan.historyMb} MB of HISTORY_MEMORY_MB=${producer.history.memoryMb}, ${kept}${ofPart}`,
  ].join('\n');
};

/** A line of the log without its braces. */
const sentenceOf = ({ venue, reason, missing }: Readonly<Record<string, unknown>>, text: string): string =>
  [venue, text, reason, missing]
    .filter((part) => part !== undefined)
    .map(String)
    .join(': ');

const checkWorkers = async ({ gateway: { gatewayWorkers } }: StandaloneConfig): Promise<string> => {
  const count = workerCount(gatewayWorkers);
  const why = gatewayWorkers === undefined ? 'one a processor, less one' : `GATEWAY_WORKERS=${gatewayWorkers}`;
  return `workers: none here; a gateway of its own (npm run gateway) would start ${count === 1 ? 'none either' : count}, ${why}`;
};

const checkAccess = async ({ gateway: { access, tlsCertFile, tlsKeyFile } }: StandaloneConfig): Promise<string> => {
  if (access.tokens !== undefined) createAccess(access.tokens, { logger: silent });
  const isTls = tlsCertFile !== undefined && tlsKeyFile !== undefined;
  if (isTls) readTlsIdentity({ certFile: tlsCertFile, keyFile: tlsKeyFile });
  return `access: AUTH is ${access.tokens === undefined ? 'off' : 'jwt'}; PORT speaks ${isTls ? 'TLS' : 'plain HTTP'}`;
};

const checkPorts = async ({ gateway, producer }: StandaloneConfig): Promise<string> => {
  const { host, port: PORT, metricsPort: METRICS_PORT, adminPort: ADMIN_PORT } = gateway;
  const wanted = Object.entries({ PORT, METRICS_PORT, ADMIN_PORT, HEALTH_PORT: producer.healthPort });
  const free: string[] = [];
  // All at once, as a start has them: two variables may name one port.
  const servers: Server[] = [];
  try {
    for (const [variable, port] of wanted) {
      if (port === undefined) continue;
      const server = createServer();
      servers.push(server);
      await listen(server, { port, host, variable });
      free.push(`${variable} ${port}`);
    }
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
  return `ports: ${free.join(', ')} on ${host}`;
};
