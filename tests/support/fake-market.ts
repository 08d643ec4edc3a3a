import { createMemoryHistory, createMemoryLayer, createMemoryLease, type History } from '@tickwire/channel-layer';
import { type GatewayOptions, gatewayConfig, startGateway } from '@tickwire/gateway';
import { createProducerMetrics, type Producer, producerConfig, startProducer } from '@tickwire/producer';
import { createLogger, createNoStateStore } from '@tickwire/runtime';
import { type FakeExchange, type FakeSymbol, startExchange } from './exchanges/index.js';
import { gatewayVariables } from './memory-gateway.js';

/** A fake Binance, and a producer and a gateway in this process that follow it. */
export interface FakeMarketRig extends AsyncDisposable {
  readonly exchange: FakeExchange;
  readonly producer: Producer;
  /** The gateway's URL. */
  readonly url: string;
}

export interface FakeMarketOptions {
  readonly symbols: readonly FakeSymbol[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logger?: GatewayOptions['logger'];
}

export const startFakeMarket = async (options: FakeMarketOptions): Promise<FakeMarketRig> => {
  const { symbols, env = {}, logger = createLogger('test', 'silent') } = options;
  const { exchange, variables, close } = await startExchange('binance', { symbols });
  const market = await startMarket({ ...variables, ...env }, logger);
  return {
    exchange,
    producer: market.producer,
    url: market.url,
    async [Symbol.asyncDispose]() {
      await market[Symbol.asyncDispose]();
      await close();
    },
  };
};

export interface MarketRig extends AsyncDisposable {
  readonly producer: Producer;
  readonly history: History;
  /** The gateway's URL. */
  readonly url: string;
}

/** A producer and a gateway in this process, over the in-memory layer. */
export const startMarket = async (
  env: Readonly<Record<string, string>>,
  logger: GatewayOptions['logger'] = createLogger('test', 'silent'),
): Promise<MarketRig> => {
  const layer = createMemoryLayer();
  const history = createMemoryHistory({ publish: (group, message) => void layer.groupSend(group, message) });
  const environment = { ...gatewayVariables, ...env };
  const gateway = await startGateway({ config: gatewayConfig(environment), logger, layer, history });
  const producer = await startProducer({
    config: producerConfig(environment),
    logger,
    history,
    layer,
    lease: createMemoryLease({ owner: 'test' }),
    state: createNoStateStore(),
    metrics: createProducerMetrics(() => undefined),
  });
  return {
    producer,
    history,
    url: `http://127.0.0.1:${gateway.port}`,
    async [Symbol.asyncDispose]() {
      await producer.close();
      await gateway.close();
      await layer.close();
    },
  };
};
