import type { Message } from '@tickwire/channel-layer';
import { addProduct, type CatalogEntry, emptySum, formatSum } from '@tickwire/protocol';
import type { Past } from '../past.js';
import { decimal, isBuyerMaker, type TimeUnit, timeIn, tradeId, wholeNumber as wholeField } from '../payload-fields.js';
import { invalidCombination } from './errors.js';
import { filtered, newestTrades } from './market-data.js';
import { limitOf, timeParameter, wholeNumber } from './parameters.js';

export const tradeParameters = ['symbol', 'limit', 'fromId', 'startTime', 'endTime'] as const;

/** The newest; or the first there are from an id or a time on, as far back as history reaches. @throws BinanceApiError */
export const readTrades = async (
  past: Past,
  entry: CatalogEntry,
  query: URLSearchParams,
): Promise<readonly Message[]> => {
  const limit = limitOf(query);
  const fromId = wholeNumber(query, 'fromId');
  const startTime = timeParameter(query, 'startTime');
  const endTime = timeParameter(query, 'endTime');
  if (fromId !== undefined && (startTime !== undefined || endTime !== undefined)) throw invalidCombination();
  const isWanted = (trade: Message): boolean => {
    const atMs = wholeField(trade, 'ts');
    const isInTime = atMs >= (startTime ?? 0) && atMs <= (endTime ?? Number.POSITIVE_INFINITY);
    return isInTime && (fromId === undefined || Number(tradeId(trade)) >= fromId);
  };
  const wanted = (trades: readonly Message[]): Promise<readonly Message[]> => filtered(past, trades, isWanted);
  const isFromFirst = fromId !== undefined || startTime !== undefined;
  const trades = await newestTrades(past, entry, async (known) => {
    const found = (await wanted(known)).length;
    // Those before the first wanted are there, so none of the wanted is missing.
    return isFromFirst ? found < known.length && (await wanted(known.slice(0, 1))).length === 0 : found >= limit;
  });
  const all = await wanted(trades);
  return isFromFirst ? all.slice(0, limit) : all.slice(-limit);
};

export const tradeOf = (trade: Message, unit: TimeUnit): unknown => {
  const price = decimal(trade, 'price');
  const size = decimal(trade, 'size');
  const quote = emptySum();
  addProduct(quote, price, size);
  return {
    id: Number(tradeId(trade)),
    price,
    qty: size,
    quoteQty: formatSum(quote),
    time: timeIn(wholeField(trade, 'ts'), unit),
    isBuyerMaker: isBuyerMaker(trade),
    isBestMatch: true,
  };
};

/** Trades are not put together: each is one. */
export const aggTradeOf = (trade: Message, unit: TimeUnit): unknown => {
  const id = Number(tradeId(trade));
  const [p, q] = [decimal(trade, 'price'), decimal(trade, 'size')];
  return { a: id, p, q, f: id, l: id, T: timeIn(wholeField(trade, 'ts'), unit), m: isBuyerMaker(trade), M: true };
};
