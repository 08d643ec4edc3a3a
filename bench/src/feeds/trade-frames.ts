import type { Pair, VenueName } from '@tickwire/market';

/** Trades of one pair as a venue sends them, for mappers to be measured with. */
export interface TradeFrames {
  readonly pair: Pair;
  readonly frames: readonly string[];
}

/** So many that no cache of parsed text, and no inlined constant, can help. */
const count = 10_000;
const time = 1_723_161_255_342;

const iso = (at: number): string => new Date(time + at).toISOString().replace('Z', '123Z');
const price = (at: number): string => `${61_000 + (at % 997)}.${String(at % 100).padStart(2, '0')}`;
const size = (at: number): string => `0.${String(1 + ((at * 7919) % 99_999_999)).padStart(8, '0')}`;

const makers: Readonly<Record<VenueName, { readonly pair: Pair; frame(at: number): string }>> = {
  binance: {
    pair: { symbol: 'BTC-USDT', name: 'BTCUSDT' },
    frame: (at) =>
      `{"e":"trade","E":${time + at},"s":"BTCUSDT","t":${3_735_683_259 + at},"p":"${price(at)}000000","q":"${size(at)}","T":${time + at},"m":${at % 2 === 0},"M":true}`,
  },
  coinbase: {
    pair: { symbol: 'BTC-USD', name: 'BTC-USD' },
    frame: (at) =>
      `{"type":"match","trade_id":${280_232 + at},"maker_order_id":"27fff20b-6ad6-4d34-a0a0-9bbd0bf5fa95","taker_order_id":"1da6ce16-7a8c-4f0c-8c0d-1f6dfc2f8f2e","side":"${at % 2 === 0 ? 'sell' : 'buy'}","size":"${size(at)}","price":"${price(at)}","product_id":"BTC-USD","sequence":${177_100_030 + at * 3},"time":"${iso(at)}"}`,
  },
  kraken: {
    pair: { symbol: 'BTC-USD', name: 'BTC/USD', priceDecimals: 2, sizeDecimals: 8 },
    frame: (at) =>
      `{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"${at % 2 === 0 ? 'sell' : 'buy'}","price":${price(at)},"qty":${size(at)},"ord_type":"limit","trade_id":${10_218_208 + at},"timestamp":"${iso(at)}"}]}`,
  },
};

export const tradeFrames = (venue: VenueName): TradeFrames => {
  const { pair, frame } = makers[venue];
  return { pair, frames: Array.from({ length: count }, (_, at) => frame(at)) };
};
