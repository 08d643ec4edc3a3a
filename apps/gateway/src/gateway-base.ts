import type { Server } from 'node:http';
import type { GroupLayer, GroupPublisher, History } from '@tickwire/channel-layer';
import { createTurns, type Turns } from '@tickwire/hub';
import {
  createMemorySharedKeys,
  createStateLog,
  type Logger,
  type Scope,
  type SharedKeys,
  type StateLog,
} from '@tickwire/runtime';
import { type Access, createAccess } from './access/access.js';
import type { GatewayConfig } from './config.js';
import { openHttpServer } from './http/server.js';
import type { LimitsConfig } from './limits/limits-config.js';
import { boundLimits } from './limits/open-files.js';
import { createReadTurns, type ReadTurns } from './limits/read-turns.js';
import { createGatewayMetrics, type GatewayMetrics } from './metrics/gateway-metrics.js';
import { isAway } from './retrying-taps.js';
import { createExpiries, type Expiries } from './timing/expiries.js';
import { createMessageQueue, type MessageQueue } from './timing/message-queue.js';
import { type Crew, createSoleCrew } from './workers/crew.js';

/** Encoding of large answers in one turn of the event loop. */
const encodingMs = 3;

export interface GatewayBaseOptions {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  /** Closed by its creator, after the gateway. */
  readonly layer: GroupLayer;
  readonly history: History & GroupPublisher;
  /** Shared by gateways, so that a request is published once. @default the gateway's own */
  readonly keys?: SharedKeys;
  /** The other workers of this gateway. @default there are none */
  readonly crew?: Crew;
}

/** What the parts of a gateway share, before there is a hub. */
export interface GatewayBase extends Required<GatewayBaseOptions> {
  /** Descriptors that this process may have. */
  readonly openFiles: number | undefined;
  /** Clients that this process has room for. */
  readonly maxHere: number;
  /** Limits that hold for all workers together. */
  readonly limits: LimitsConfig;
  /** Undefined if everybody may connect. */
  readonly access: Access | undefined;
  readonly metrics: GatewayMetrics;
  /** Counts and logs requests that failed for a reason of ours. */
  readonly failures: Pick<StateLog, 'failed'>;
  readonly expiries: Expiries;
  /** For the encoding of large answers. */
  readonly turns: Turns;
  readonly readTurns: ReadTurns;
  readonly messages: MessageQueue;
  /** Does not listen yet. */
  readonly server: Server;
  readonly scheme: 'http' | 'https';
}

/** @throws ConfigError for a certificate or key that cannot be used */
export const openGatewayBase = (options: GatewayBaseOptions, scope: Scope): GatewayBase => {
  const { config, logger, keys = createMemorySharedKeys() } = options;
  const { openFiles, bounds, limits } = boundLimits(config.limits, options.crew?.size ?? 1);
  const { crew = createSoleCrew(limits) } = options;
  const metrics = createGatewayMetrics(config.gatewayName);
  const access = config.access.tokens && createAccess(config.access.tokens, { logger });
  metrics.counter('key_fetch_failures', 'Fetches of the keys of tokens that failed', () => access?.failedFetches ?? 0);
  const errors = createStateLog({ logger, trouble: 'requests failed' });
  metrics.counter('failed_requests', 'Requests that failed for a reason of ours', () => errors.failures);
  const failures: Pick<StateLog, 'failed'> = {
    failed(details) {
      if (!isAway(details?.['err'])) errors.failed(details);
    },
  };
  const readTurns = createReadTurns({ workers: crew.size, onRefused: () => metrics.refused('reads') });
  metrics.gauge('reads_waiting', 'Requests that wait for their turn to read history', () => readTurns.waiting);
  const messages = createMessageQueue();
  metrics.gauge('messages_waiting', 'Messages of clients that wait for their turn', () => messages.waiting);
  const { server, scheme } = openHttpServer(
    { config, logger, limits, metrics, maxSockets: bounds.sockets, workers: crew.size },
    scope,
  );
  return {
    ...options,
    keys,
    crew,
    openFiles,
    maxHere: bounds.connections,
    limits,
    access,
    metrics,
    failures,
    expiries: scope.own(createExpiries()),
    turns: createTurns({ perTurnMs: encodingMs }),
    readTurns,
    messages,
    server,
    scheme,
  };
};
