import { formatSum } from '@tickwire/protocol';
import { formatScaled } from '../decimal/decimal.js';
import type { Candle } from '../exchange/venue.js';
import type { MinutePath } from './day-path.js';
import { type MinuteOptions, visitSlots } from './minute-slots.js';

/** Looked up once: this runs some hundred thousand times for a day, and a sandbox makes each look-up slow. */
const { max, min } = Math;

const maxPart = 2 ** 52;

/** The bar of a minute's trades, without drawing each of them; undefined without a trade. */
export const minuteBar = (options: MinuteOptions, path: MinutePath): Candle | undefined => {
  const { priceDecimals, sizeDecimals } = options.market;
  let open = 0;
  let close = 0;
  let high = 0;
  let low = Number.POSITIVE_INFINITY;
  let trades = 0;
  let lots = 0;
  let takenLots = 0;
  let quoteLots = 0n;
  let takenQuoteLots = 0n;
  let partLots = 0;
  let takenPartLots = 0;
  visitSlots(options, path, ({ bid, ask, buys, sells, buyLots, sellLots, isFirstBuy, isLastBuy }) => {
    if (buys + sells === 0) return;
    if (trades === 0) open = isFirstBuy ? ask : bid;
    close = isLastBuy ? ask : bid;
    high = max(high, buys > 0 ? ask : bid);
    low = min(low, sells > 0 ? bid : ask);
    trades += buys + sells;
    lots += buyLots + sellLots;
    takenLots += buyLots;
    partLots += buyLots * ask + sellLots * bid;
    takenPartLots += buyLots * ask;
    // Exact as a number that far only.
    if (partLots < maxPart) return;
    quoteLots += BigInt(partLots);
    takenQuoteLots += BigInt(takenPartLots);
    partLots = 0;
    takenPartLots = 0;
  });
  if (trades === 0) return undefined;
  const price = (ticks: number): string => formatScaled(ticks, priceDecimals);
  const base = (units: number): string => formatSum({ units: BigInt(units), scale: sizeDecimals });
  const quote = (units: bigint): string => formatSum({ units, scale: priceDecimals + sizeDecimals });
  return {
    start: path.start,
    open: price(open),
    high: price(high),
    low: price(low),
    close: price(close),
    trades,
    volume: base(lots),
    quoteVolume: quote(quoteLots + BigInt(partLots)),
    takerBuyVolume: base(takenLots),
    takerBuyQuoteVolume: quote(takenQuoteLots + BigInt(takenPartLots)),
  };
};
