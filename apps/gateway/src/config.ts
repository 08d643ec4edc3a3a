import { hostname } from 'node:os';
import { readOwnChannels } from '@tickwire/channel-layer';
import { InvalidOwnChannels, isVenue, type OwnChannelRule } from '@tickwire/protocol';
import {
  ConfigError,
  type ConfigOf,
  type Environment,
  logFormats,
  logLevels,
  oneOf,
  onOff,
  operatorToken,
  optionalNumber,
  optionalPort,
  port,
  readAll,
  readEnvironment,
  wholeNumber,
} from '@tickwire/runtime';
import { z } from 'zod';
import { type AccessConfig, accessConfig, accessVariables } from './access/access-config.js';
import { type LimitsConfig, limitsVariables } from './limits/limits-config.js';

const variables = {
  PORT: port(8_000),
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: oneOf(logLevels),
  LOG_FORMAT: oneOf(logFormats),
  /** Offer permessage-deflate to clients. */
  COMPRESSION: onOff(),
  MAX_OUTBOX_BYTES: wholeNumber(16_384, 268_435_456, 1_048_576),
  SLOW_DEADLINE_MS: wholeNumber(1_000, 600_000, 30_000),
  /** The age that publications waiting for a client, or on their way to it, may reach. 0: any age. */
  MAX_STALE_MS: wholeNumber(0, 600_000, 2_000),
  MIN_PASS_MS: wholeNumber(0, 1_000, 0),
  GROUP_LINGER_MS: wholeNumber(0, 600_000, 5_000),
  PROBE_MS: wholeNumber(100, 10_000, 10_000),
  /** Channels one session may follow. */
  MAX_CHANNELS: wholeNumber(1, 10_000, 1_024),
  /** Size of one message from a client. */
  MAX_PAYLOAD_BYTES: wholeNumber(128, 16_777_216, 65_536),
  PING_MS: wholeNumber(100, 600_000, 25_000),
  /** The time over which clients are asked to leave before a shutdown. */
  DRAIN_MS: wholeNumber(0, 600_000, 10_000),
  /** The venue whose symbols the Binance streams and `/api/v3` have. Without it, the first venue in the catalog. */
  BINANCE_VENUE: z.string().refine(isVenue, { error: 'the lower-case name of a venue' }).optional(),
  /** Time between pings to a client of the Binance streams. Three without an answer end its connection. */
  BINANCE_PING_MS: wholeNumber(100, 600_000, 20_000),
  /** The gateway's name for operators, for the log and for clients of the Centrifuge protocol. */
  GATEWAY_NAME: z
    .string()
    .regex(/^[\w.-]{1,64}$/, { error: '1 to 64 letters, digits, "_", "." or "-"' })
    .default(() => hostname().slice(0, 64)),
  /**
   * Number of processes that serve clients together. Without it, one fewer than there are processors. 1: only this
   * process.
   */
  GATEWAY_WORKERS: optionalNumber(1, 256),
  /** Opens `/admin` to everybody who has it; without it there is no `/admin`. */
  ADMIN_TOKEN: operatorToken.optional(),
  /** The port of `/admin`; without it, the port of the clients. */
  ADMIN_PORT: optionalPort(),
  /** The port of `/metrics`; without it, the port of the clients. */
  METRICS_PORT: optionalPort(),
  /** The certificate for clients, in PEM; without it PORT speaks plain HTTP. */
  TLS_CERT_FILE: z.string().optional(),
  TLS_KEY_FILE: z.string().optional(),
  /** The key for `POST /api/publish`; without it nobody may publish. */
  API_KEY: operatorToken.optional(),
};

/** Your own channels: patterns, or a JSON file. */
const channelsVariables = { CHANNELS: z.string().optional() };

type OwnConfig = ConfigOf<typeof variables>;

/** Each variable by its name in camel case. */
export interface GatewayConfig extends OwnConfig {
  readonly access: AccessConfig;
  readonly limits: LimitsConfig;
  readonly ownChannels: readonly OwnChannelRule[];
  /** Possible mistakes in the environment; logged at the start. */
  readonly hints: readonly string[];
}

/** @throws ConfigError */
export const gatewayConfig = (environment: Environment): GatewayConfig => {
  const groups = { own: variables, channels: channelsVariables, access: accessVariables, limits: limitsVariables };
  const { values, hints } = readEnvironment(groups, environment);
  const [access, ownChannels] = readAll(
    () => accessConfig(values.access),
    () => ownChannelsOf(values.channels.channels),
    () => checkAdminPort(values.own),
    () => checkPorts(values.own),
    () => checkTlsFiles(values.own),
  );
  return {
    ...values.own,
    access,
    limits: values.limits,
    ownChannels,
    hints: [...hints, ...hintsOfMemory(values.limits)],
  };
};

/** @throws ConfigError */
const ownChannelsOf = (text: string | undefined): readonly OwnChannelRule[] => {
  try {
    return readOwnChannels(text ?? '');
  } catch (error) {
    throw error instanceof InvalidOwnChannels ? new ConfigError(`CHANNELS: ${error.message}`) : error;
  }
};

/** Memory of a gateway without clients, in MiB. */
const ownMb = 100;

const hintsOfMemory = ({ maxRssMb }: LimitsConfig): readonly string[] =>
  maxRssMb > 0 && maxRssMb < ownMb
    ? [`MAX_RSS_MB is ${maxRssMb}, less than a gateway takes for itself: nobody would be let in`]
    : [];

const checkAdminPort = ({ adminPort, adminToken }: OwnConfig): void => {
  if (adminPort !== undefined && adminToken === undefined) {
    throw new ConfigError('ADMIN_PORT is set, but ADMIN_TOKEN is not: without it nothing is served there');
  }
};

const checkTlsFiles = ({ tlsCertFile, tlsKeyFile }: OwnConfig): void => {
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
    throw new ConfigError('TLS_CERT_FILE and TLS_KEY_FILE belong together: set both or neither');
  }
};

const checkPorts = ({ port: clientPort, metricsPort, adminPort }: OwnConfig): void => {
  const ports = Object.entries({ PORT: clientPort, METRICS_PORT: metricsPort, ADMIN_PORT: adminPort });
  for (const [index, [name, number]] of ports.entries()) {
    const [first] = ports.slice(0, index).find(([, other]) => other === number && Boolean(number)) ?? [];
    if (first !== undefined) {
      throw new ConfigError(`${name} and ${first} are both ${number}: each needs a port of its own`);
    }
  }
};
