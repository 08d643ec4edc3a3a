import { hostname } from 'node:os';
import {
  createRedisLease,
  type LayerEvent,
  LayerUnavailable,
  openRedis,
  parseRedisUrl,
  type RedisPlace,
  type Retention,
  redisUrlForms,
} from '@tickwire/channel-layer';
import { z } from 'zod';
import type { Backend } from './backend.js';
import { type Environment, nearName, readEnvironment } from './environment.js';
import { watchForForeignLayer } from './foreign-layer.js';
import type { Logger } from './logger.js';
import { withTlsFiles } from './redis-tls.js';
import { StartError } from './run-main.js';
import { createRedisSharedKeys } from './shared-keys.js';
import { createStateLog } from './state-log.js';
import { createRedisStateStore } from './state-store.js';
import { oneOf, wholeNumber, wordList } from './variables.js';

const variables = {
  REDIS_URL: z
    .string({ error: redisUrlForms })
    .refine((text) => parseRedisUrl(text) !== undefined, { error: redisUrlForms })
    .transform((text) => parseRedisUrl(text) ?? { hosts: [] }),
  REDIS_PREFIX: z.string().default('tickwire'),
  LAYER_PREFIX: z.string().default('asgi'),
  LAYER_ENCRYPTION_KEYS: wordList((word) => word.length > 0, 'keys separated by commas').default([]),
  LAYER_SERIALIZER: oneOf(['msgpack', 'json']),
  /** Larger messages, whoever publishes them, are dropped without being decoded. */
  LAYER_MAX_MESSAGE_BYTES: wholeNumber(65_536, 67_108_864, 1_048_576),
  REDIS_CA_FILE: z.string().optional(),
  REDIS_CERT_FILE: z.string().optional(),
  REDIS_KEY_FILE: z.string().optional(),
};

export interface RedisConfig {
  readonly place: RedisPlace;
  /** Prefix of the keys of history and lease. */
  readonly prefix: string;
  /** Prefix of group channels: `prefix` of channels_redis. */
  readonly layerPrefix: string;
  /** As `symmetric_encryption_keys` of channels_redis: the first encrypts, all decrypt. */
  readonly encryptionKeys: readonly string[];
  /** `serializer_format` of channels_redis. */
  readonly serializer: 'msgpack' | 'json';
  readonly maxMessageBytes: number;
  /** Possible typos in the environment; logged at the start. */
  readonly hints: readonly string[];
}

/** @throws ConfigError */
export const redisConfig = (environment: Environment): RedisConfig => {
  const { values, hints } = readEnvironment({ redis: variables }, environment);
  const { redisUrl, redisPrefix, layerPrefix, layerEncryptionKeys, layerSerializer, ...others } = values.redis;
  return {
    place: withTlsFiles(redisUrl, {
      REDIS_CA_FILE: others.redisCaFile,
      REDIS_CERT_FILE: others.redisCertFile,
      REDIS_KEY_FILE: others.redisKeyFile,
    }),
    prefix: redisPrefix,
    layerPrefix,
    encryptionKeys: layerEncryptionKeys,
    serializer: layerSerializer,
    maxMessageBytes: others.layerMaxMessageBytes,
    hints: [...hints, ...hintsOfOthers(environment)],
  };
};

/** Variables that other programs have for what is part of REDIS_URL here. */
const namesOfOthers = ['REDIS_HOST', 'REDIS_USER', 'REDIS_USERNAME', 'REDIS_PASSWORD', 'REDIS_DB'];

const hintsOfOthers = (environment: Environment): readonly string[] =>
  namesOfOthers
    .filter((name) => environment[name])
    .map((name) => `${name} is not a known variable: REDIS_URL has host, user, password and database in one`);

/**
 * What may be meant by variables of Redis where `REDIS_URL` is not set and nothing is asked of Redis: a slip of it, or a
 * setting that has no effect.
 */
export const hintsWithoutRedis = (environment: Environment): readonly string[] => {
  const given = Object.keys(environment).filter((name) => environment[name]);
  const slips = given.flatMap((name) => {
    if (name in variables) return [`${name} is set, but REDIS_URL is not: everything is kept in memory`];
    return nearName(name, ['REDIS_URL']) === undefined
      ? []
      : [`${name} is not a known variable: did you mean REDIS_URL? Without it everything is kept in memory`];
  });
  return [...slips, ...hintsOfOthers(environment)];
};

/**
 * Opens the channel layer in Redis and its history, over the same connections. A process that writes history also says
 * how much of it is kept. A Redis that is away is waited for: until then the layer counts as lost.
 * @throws StartError in one sentence when a server answers and rejects this client: the password, the certificate or the
 *   protocol is wrong.
 */
export const openRedisBackend = async (
  config: RedisConfig,
  logger: Logger,
  retention?: Retention,
): Promise<Backend> => {
  const { place, prefix, layerPrefix, encryptionKeys, serializer, maxMessageBytes } = config;
  for (const hint of config.hints) logger.warn(hint);
  const badEntries = createStateLog({ logger, trouble: 'history holds entries that cannot be read' });
  const { layer, history, client, hashTags } = await openRedis({
    place,
    prefix,
    layerPrefix,
    encryptionKeys,
    serializer,
    maxMessageBytes,
    ...(retention && { retention }),
    onBadEntry: (group, seq, error) => badEntries.failed({ group, seq, err: error }),
  }).catch((error: unknown) => {
    throw error instanceof LayerUnavailable ? new StartError(error.message, { cause: error }) : error;
  });
  layer.onEvent(createEventLog(logger));

  const unwatch = watchForForeignLayer({ layer, prefix: layerPrefix, logger });
  return {
    layer,
    history,
    lease: (leaseMs, part) =>
      createRedisLease({
        client,
        prefix,
        hashTags,
        owner: `${hostname()}:${process.pid}`,
        leaseMs,
        ...(part !== undefined && { name: `producer.${part}` }),
      }),
    state: createRedisStateStore(layer, prefix),
    keys: createRedisSharedKeys(layer, prefix),
    untilReached: layer.untilReached,
    close() {
      unwatch();
      return layer.close();
    },
  };
};

/** Kinds of poison that are logged. The layer counts further kinds, but they are not logged. */
const maxPoisonKinds = 1_000;

/**
 * Logs events that operators act on. Poison is logged once per address and reason: its sender may repeat it forever.
 */
const createEventLog = (logger: Logger): ((event: LayerEvent) => void) => {
  const known = new Set<string>();
  const dropped = createStateLog({ logger, trouble: 'messages dropped' });
  const failed = createStateLog({ logger, trouble: 'listeners of the channel layer failed' });
  return (event) => {
    switch (event.type) {
      case 'lost':
        logger.warn({ groups: event.groups.length, reason: event.reason }, 'channel layer lost');
        break;
      case 'restored':
        logger.info({ groups: event.groups.length, downMs: Math.round(event.downMs) }, 'channel layer restored');
        break;
      case 'poison': {
        const kind = `${event.address} ${event.reason}`;
        if (known.has(kind) || known.size >= maxPoisonKinds) break;
        known.add(kind);
        logger.warn(event, 'poison message');
        break;
      }
      case 'dropped':
        dropped.failed({ ...event });
        break;
      case 'listener-failed':
        failed.failed({ group: event.group, err: event.error });
        break;
    }
  };
};
