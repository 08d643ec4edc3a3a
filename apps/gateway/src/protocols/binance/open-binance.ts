import type { History } from '@tickwire/channel-layer';
import type { Turns } from '@tickwire/hub';
import type { ApiHandler } from '../../http/api/api.js';
import type { ConsumerType, GatewayContext } from '../consumer.js';
import { binanceConsumer } from './consumer.js';
import { type AnswerPast, createAnswerPast } from './past.js';
import { createPingWheel } from './ping-wheel.js';
import { type BinanceAnswers, type BinanceAnswersOptions, createBinanceAnswers } from './rest/answers.js';
import { walletEndpoints } from './rest/endpoints.js';
import { createBinanceStreams } from './streams.js';
import { createBinanceSymbols } from './symbols.js';
import { createWebSocketApi } from './web-socket-api/consumer.js';

/** All that a gateway shares between its Binance clients. */
export interface Binance {
  readonly streams: ConsumerType;
  readonly webSocketApi: ConsumerType;
  readonly past: AnswerPast;
  readonly answers: BinanceAnswers;
  /** The calls about orders and accounts that clients need, by path below `/sapi/v1`. */
  readonly wallet: Readonly<Record<string, ApiHandler>>;
  /** Notifies every connection that the gateway is about to leave. */
  announceShutdown(): void;
  close(): void;
}

export interface BinanceOptions extends Pick<BinanceAnswersOptions, 'readTurns' | 'failures'> {
  readonly history: Pick<History, 'newest'>;
  readonly turns: Turns;
}

export const openBinance = (context: GatewayContext, options: BinanceOptions): Binance => {
  const { hub, catalog, layerLoss, config, metrics, logger } = context;
  const { history, turns, readTurns, failures } = options;
  const symbols = createBinanceSymbols(catalog, config.binanceVenue);
  const streams = createBinanceStreams({ hub, turns, symbols, layerLoss, logger });
  const past = createAnswerPast({ hub, history, turns });
  const answers = createBinanceAnswers({ past, symbols, readTurns, failures });
  const pings = createPingWheel(config.binancePingMs);
  const api = createWebSocketApi({ hub, answers, pings, metrics });
  return {
    streams: binanceConsumer(context, streams, pings),
    webSocketApi: api.consumer,
    past,
    answers,
    wallet: walletEndpoints(symbols),
    announceShutdown() {
      streams.announceShutdown();
      api.announceShutdown();
    },
    close: streams.close,
  };
};
