import { createMemoryHistory, createMemoryLayer, type GroupLayer, type History } from '@tickwire/channel-layer';
import { type Gateway, type GatewayOptions, gatewayConfig, startGateway } from '@tickwire/gateway';
import { createLogger } from '@tickwire/runtime';
import { patientLimits } from './tickwire-process.js';

/** The environment of a gateway in the process of a test. */
export const gatewayVariables = { PORT: '0', HOST: '127.0.0.1', DRAIN_MS: '0', ...patientLimits };

/** A gateway of the test's own over the in-memory layer, and what a producer would do for it. */
export interface MemoryGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly layer: GroupLayer;
  readonly history: History;
  readonly url: string;
  /** Appends the next message of a channel; resolves with its `seq`. */
  publish(group: string, fields?: Readonly<Record<string, unknown>>): Promise<number>;
  /** History of the channel is lost: it begins again in this epoch. */
  reset(group: string, epoch: string): Promise<void>;
}

export interface MemoryGatewayOptions extends Pick<GatewayOptions, 'moreRoutes' | 'loop'> {
  /** Environment variables of the gateway. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Symbols at `sim` in the producer's catalog; if empty, every well-formed channel exists.
   * @default BTC-USD, ETH-USD
   */
  readonly symbols?: readonly string[];
  /** Messages of a channel that history keeps. */
  readonly historySize?: number;
  /** Called before every operation of history; if it throws, the operation fails. */
  readonly onRead?: () => void | Promise<void>;
}

export const firstEpoch = 'e1';

/** A closed bar of a minute, as a producer publishes it. */
export const sampleBar = {
  type: 'price.bar',
  venue: 'sim',
  symbol: 'BTC-USD',
  ts: 60_001,
  rts: 2,
  interval: '1m',
  start: 60_000,
  open: '1',
  high: '2',
  low: '1',
  close: '2',
  volume: '3',
  quoteVolume: '4',
  trades: 5,
  closed: true,
} as const;

/** Begins with a catalog. */
export const startMemoryGateway = async (options: MemoryGatewayOptions = {}): Promise<MemoryGateway> => {
  const { env = {}, symbols = ['BTC-USD', 'ETH-USD'], historySize, onRead = () => {}, moreRoutes, loop } = options;
  const layer = createMemoryLayer();
  const history = createMemoryHistory({
    publish: (group, message) => void layer.groupSend(group, message),
    ...(historySize !== undefined && { historySize }),
  });
  const watched: GatewayOptions['history'] = {
    append: history.append,
    publish: history.publish,
    async read(group, range) {
      await onRead();
      return history.read(group, range);
    },
    async newest(groups, count) {
      await onRead();
      return history.newest(groups, count);
    },
  };
  const config = gatewayConfig({ ...gatewayVariables, ...env });
  const gateway = await startGateway({
    config,
    logger: createLogger('test', 'silent'),
    layer,
    history: watched,
    ...(moreRoutes && { moreRoutes }),
    ...(loop && { loop }),
  });
  const tops = new Map<string, { epoch: string; seq: number }>();

  const publish = async (group: string, fields: Readonly<Record<string, unknown>> = {}): Promise<number> => {
    const top = tops.get(group) ?? { epoch: firstEpoch, seq: 0 };
    tops.set(group, top);
    top.seq += 1;
    const { epoch, seq } = top;
    const message = { type: 'price.trade', ...fields, seq, epoch, pts: 1 };
    await history.append([{ group, epoch, firstSeq: seq, messages: [message] }], 1);
    return seq;
  };

  await publish('catalog', {
    type: 'feed.catalog',
    symbols: symbols.map((symbol) => ({ venue: 'sim', symbol })),
  });
  return {
    gateway,
    layer,
    history,
    url: `http://127.0.0.1:${gateway.port}`,
    publish,
    async reset(group, epoch) {
      tops.set(group, { epoch, seq: 0 });
      await history.append([{ group, epoch, firstSeq: 1, messages: [], reset: true }], 1);
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await layer.close();
    },
  };
};

/** How often clients were turned away for this reason, by the metrics. */
export const refusals = async (url: string, reason: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^tickwire_refusals_total\\{reason="${reason}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
};
