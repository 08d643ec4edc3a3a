import { createMemoryHistory, createMemoryLayer, type Message } from '@tickwire/channel-layer';
import { createEnvelope, fleetGroups } from '@tickwire/fleet';
import { gatewayConfig, startGateway } from '@tickwire/gateway';
import { createSimulatedFeed, type FeedEvent } from '@tickwire/market';
import { channelOf, type FeedState, type MarketMessage } from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import { createLogger } from '@tickwire/runtime';
import {
  createInstrumentPipeline,
  type InstrumentPipeline,
} from '../../apps/producer/src/pipeline/instrument-pipeline.js';
import { gatewayVariables } from '../support/memory-gateway.js';
import type { Crowd } from './dashboard-crowd.js';

/** A gateway over a simulated market that was there for a while already: bars, trades and forecasts have a past. */
export interface PastMarket extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Stops all prices, as a producer that hangs does. */
  pause(): void;
  resume(): void;
  /** What the venue's feed reports of itself. */
  setState(symbol: string, state: FeedState, reason?: string): void;
  /** What a producer reports that can publish on all channels but these. */
  setAside(channels: readonly string[]): void;
  /** Closes the gateway only; the market goes on. */
  stopGateway(): Promise<void>;
  /** A gateway again, on the same port. */
  startGateway(): Promise<void>;
}

export interface PastMarketOptions {
  readonly symbols: readonly string[];
  /** How long the market was there. */
  readonly pastSeconds: number;
  /** @default 5 */
  readonly tradesPerSecond?: number;
  /** At most one ticker of a symbol in this time. @default 100 */
  readonly tickerMs?: number;
  /** @default 'tickwire' */
  readonly seed?: string;
  /** Beside the market, from when it is live. */
  readonly crowd?: Crowd;
  readonly env?: Readonly<Record<string, string>>;
}

const epoch = 'past';
const advanceMs = 50;
/** What each day before the market begins with is computed from: a whole day costs half a second for each symbol. */
const pastMinutes = 10;
/** History of the past is put in by this many steps at a time. */
const stepsAtOnce = 400;

export const startPastMarket = async (options: PastMarketOptions): Promise<PastMarket> => {
  const { symbols, pastSeconds, tradesPerSecond = 5, tickerMs = 100, seed = 'tickwire' } = options;
  const layer = createMemoryLayer();
  const history = createMemoryHistory({ publish: (group, message) => void layer.groupSend(group, message) });
  const seqs = new Map<string, number>();
  let batch = new Map<string, Message[]>();

  const publish = (group: string, message: object, pts: number): void => {
    const seq = (seqs.get(group) ?? 0) + 1;
    seqs.set(group, seq);
    const messages = batch.get(group) ?? [];
    batch.set(group, messages);
    messages.push({ ...message, pts, seq, epoch } as unknown as Message);
  };
  const flush = async (): Promise<void> => {
    const full = batch;
    batch = new Map();
    const batches = [...full].map(([group, messages]) => {
      return { group, epoch, messages, firstSeq: Number(messages[0]?.['seq']) };
    });
    if (batches.length > 0) await history.append(batches, 1);
  };

  const clock = createManualClock(Date.now() - pastSeconds * 1_000);
  const feed = createSimulatedFeed({ symbols, seed, tradesPerSecond, clock, stepMs: advanceMs, pastMinutes });
  const pipelines = new Map<string, InstrumentPipeline>(
    symbols.map((symbol) => {
      const send = (message: MarketMessage): void => publish(channelOf(message), message, clock.now());
      return [symbol, createInstrumentPipeline({ venue: 'sim', symbol, tickerMs, publish: send })];
    }),
  );
  const addAll = (events: readonly FeedEvent[]): void => {
    for (const event of events) pipelines.get(symbolOf(event))?.add(event);
  };
  const step = (toMs: number): void => {
    clock.advanceTo(toMs);
    for (const pipeline of pipelines.values()) pipeline.advance(clock.now());
  };

  const listed = [...symbols, ...(options.crowd?.symbols ?? [])].map((symbol) => ({ venue: 'sim', symbol }));
  publish('catalog', { type: 'feed.catalog', symbols: listed }, 1);
  await feed.start(addAll);
  for (let steps = 1; clock.now() + advanceMs < Date.now(); steps += 1) {
    step(clock.now() + advanceMs);
    if (steps % stepsAtOnce === 0) await flush();
  }
  await flush();

  const config = gatewayConfig({ ...gatewayVariables, ...options.env });
  const logger = createLogger('test', 'silent');
  let gateway = await startGateway({ config, logger, layer, history });
  const { port } = gateway;
  let isPaused = false;
  const live = setInterval(() => {
    if (isPaused) return;
    const now = Date.now();
    for (const ticker of options.crowd?.tickers(clock.now(), now) ?? []) publish(channelOf(ticker), ticker, now);
    step(now);
    void flush();
  }, advanceMs);

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
    },
    setState(symbol, state, reason) {
      const rts = Date.now();
      const reported = { venue: 'sim', symbol, state, rts, ...(reason !== undefined && { reason }) };
      pipelines.get(symbol)?.add({ kind: 'state', state: reported });
      void flush();
    },
    setAside(channels) {
      const none = { isLeading: true, buffered: 0, published: 0, overflowed: 0, feeds: [], events: [] };
      const body = JSON.stringify({ owner: 'producer', ...none, setAside: channels });
      const { seal } = createEnvelope({ token: undefined, clock: { wall: Date.now } });
      void layer.groupSend(fleetGroups.producers, seal({ kind: 'report', from: 'producer', topic: 'producer', body }));
    },
    stopGateway: () => gateway.close(),
    async startGateway() {
      gateway = await startGateway({ config: { ...config, port }, logger, layer, history });
    },
    async [Symbol.asyncDispose]() {
      clearInterval(live);
      await feed.close();
      await gateway.close();
      await layer.close();
    },
  };
};

const symbolOf = (event: FeedEvent): string => {
  switch (event.kind) {
    case 'trade':
      return event.trade.symbol;
    case 'quote':
      return event.quote.symbol;
    case 'stats':
      return event.stats.symbol;
    case 'gap':
      return event.gap.symbol;
    case 'state':
      return event.state.symbol;
    case 'end':
      return '';
  }
};
