import { type Gateway, gatewayConfig, startGateway } from '@tickwire/gateway';
import {
  createHistoryPlan,
  createProducerMetrics,
  type Producer,
  producerConfig,
  reportToOperators,
  startProducer,
} from '@tickwire/producer';
import { type Backend, createLogger, openRedisBackend, redisConfig } from '@tickwire/runtime';
import { type RedisUser, urlFor } from './limited-users.js';
import { gatewayVariables } from './memory-gateway.js';
import { patientMs } from './wait-for.js';

/** Producers and gateways in this process, over a Redis that a test disturbs. */
export interface Trouble extends AsyncDisposable {
  readonly producers: readonly Producer[];
  readonly gateways: readonly (Gateway & { readonly url: string })[];
  /** The producer that leads now. */
  leader(): Producer | undefined;
}

export interface TroubleOptions {
  readonly redisUrl: string;
  /** @default 1 */
  readonly producers?: number;
  /** @default 1 */
  readonly gateways?: number;
  /** Further variables for all of them. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Producers share one market, so that they publish the same trades. */
export const startTrouble = async (options: TroubleOptions): Promise<Trouble> => {
  const { redisUrl, producers: producerCount = 1, gateways: gatewayCount = 1, variables = {} } = options;
  const environment = {
    REDIS_URL: redisUrl,
    SYMBOLS: 'BTC-USD',
    SIM_RATE: '100',
    // What is disturbed is the present.
    SIM_PAST_MINUTES: '2',
    SIM_BEGAN_MS: String(Date.now()),
    LEASE_MS: String(patientMs(900)),
    ...gatewayVariables,
    ...variables,
  };
  const logger = createLogger('trouble', 'silent');
  const producers: Producer[] = [];
  const gateways: (Gateway & { readonly url: string })[] = [];
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closeOne of closers.splice(0).reverse()) await closeOne();
  };
  const openBackend = async (user: RedisUser): Promise<Backend> => {
    const REDIS_URL = urlFor(user, redisUrl);
    const backend = await openRedisBackend(redisConfig({ ...environment, REDIS_URL }), logger);
    closers.push(backend.close);
    return backend;
  };

  try {
    for (let index = 0; index < producerCount; index += 1) {
      const { history, layer, lease, state } = await openBackend('producer');
      const config = producerConfig(environment);
      const producer = await startProducer({
        config,
        logger,
        history,
        layer,
        state,
        lease: lease(config.leaseMs),
        historyPlan: createHistoryPlan({ ...config.history, logger }),
        metrics: createProducerMetrics(() => undefined),
      });
      closers.push(() => producer.close());
      closers.push(reportToOperators({ producer, layer, owner: `producer ${index}`, token: config.adminToken }).close);
      producers.push(producer);
    }
    for (let index = 0; index < gatewayCount; index += 1) {
      const gateway = await startGateway({
        config: gatewayConfig(environment),
        logger,
        ...(await openBackend('gateway')),
      });
      closers.push(() => gateway.close());
      gateways.push({ ...gateway, url: `http://127.0.0.1:${gateway.port}` });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    producers,
    gateways,
    leader: () => producers.find((producer) => producer.isLeading),
    [Symbol.asyncDispose]: close,
  };
};
