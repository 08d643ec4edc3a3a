import { createRequire } from 'node:module';
import type { VenueName } from '@tickwire/market';
import { inRoot } from '../host/paths.js';
import type { TradeFrames } from './trade-frames.js';

/** The parts of a ccxt exchange that are used. */
interface CcxtExchange {
  readonly trades: Readonly<Record<string, { readonly length: number } | undefined>>;
  safeMarketStructure(market: object): object;
  setMarkets(markets: readonly object[]): void;
  client(url: string): object;
  handleMessage(client: object, message: unknown): void;
}

type CcxtModule = { readonly pro: Readonly<Record<string, new (config: object) => CcxtExchange>> };

const exchangeOf: Readonly<Record<VenueName, { readonly id: string; readonly url: string }>> = {
  binance: { id: 'binance', url: 'wss://stream.binance.com:9443/ws/0' },
  coinbase: { id: 'coinbaseexchange', url: 'wss://ws-feed.exchange.coinbase.com' },
  kraken: { id: 'kraken', url: 'wss://ws.kraken.com/v2' },
};

/**
 * ccxt's own path from the text of a frame to its trades, with its defaults and no connection. The tests' copy of it is
 * taken: sixty megabytes need not be there twice.
 * @throws Error where ccxt is missing, or its handler does not know the frames
 */
export const ccxtHandler = (venue: VenueName, { pair, frames }: TradeFrames): ((frame: string) => void) => {
  const ccxt = createRequire(inRoot('tests/package.json'))('ccxt') as CcxtModule;
  const { id, url } = exchangeOf[venue];
  const Exchange = ccxt.pro[id];
  if (Exchange === undefined) throw new Error(`ccxt has no ${id}`);
  const exchange = new Exchange({ newUpdates: true });
  const [base = '', quote = ''] = pair.symbol.split('-');
  const symbol = `${base}/${quote}`;
  const kind = { type: 'spot', spot: true, active: true, precision: { amount: 1e-8, price: 1e-2 } };
  const market = {
    id: pair.name,
    symbol,
    base,
    quote,
    baseId: base,
    quoteId: quote,
    info: { wsname: symbol },
    ...kind,
  };
  exchange.setMarkets([exchange.safeMarketStructure(market)]);
  const client = exchange.client(url);
  const handle = (frame: string): void => exchange.handleMessage(client, JSON.parse(frame));
  for (const frame of frames.slice(0, 3)) handle(frame);
  if (exchange.trades[symbol]?.length !== 3) throw new Error(`ccxt does not take these frames of ${venue}`);
  return handle;
};
