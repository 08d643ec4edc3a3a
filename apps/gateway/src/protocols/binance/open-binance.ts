import type { TurnBudget } from '../../timing/turn-budget.js';
import type { ConsumerType, GatewayContext } from '../consumer.js';
import { binanceConsumer } from './consumer.js';
import { createPingWheel } from './ping-wheel.js';
import { type BinanceStreams, createBinanceStreams } from './streams.js';
import { type BinanceSymbols, createBinanceSymbols } from './symbols.js';

/** All that a gateway shares between its Binance clients. */
export interface Binance extends Pick<BinanceStreams, 'announceShutdown' | 'close'> {
  readonly consumer: ConsumerType;
  readonly symbols: BinanceSymbols;
}

export const openBinance = (context: GatewayContext, budget: TurnBudget): Binance => {
  const { hub, catalog, config } = context;
  const symbols = createBinanceSymbols(catalog, config.binanceVenue);
  const streams = createBinanceStreams({ hub, budget, symbols });
  return {
    consumer: binanceConsumer(context, streams, createPingWheel(config.binancePingMs)),
    symbols,
    announceShutdown: streams.announceShutdown,
    close: streams.close,
  };
};
