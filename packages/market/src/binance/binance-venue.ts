import type { Trade } from '@tickwire/protocol';
import { type OnBadEntry, readEach } from '../exchange/entries.js';
import {
  channelOfKey,
  type DayFigures,
  type FrameMapper,
  nameOfKey,
  type Pair,
  type RestGet,
  type StreamKey,
  type TradesQuery,
  type Venue,
  type VenueItem,
} from '../exchange/venue.js';
import {
  amountField,
  badField,
  decimalsOfStep,
  type Fields,
  idField,
  isFields,
  positiveField,
  textField,
  timeField,
} from '../exchange/wire-fields.js';
import { binanceCandles } from './binance-candles.js';
import { mapBinanceFrame, payloadOf } from './binance-frames.js';

/** Streams in one SUBSCRIBE message, which then has a few kilobytes. */
const maxStreamsPerMessage = 200;
const pageSize = 1000;

/**
 * Binance spot. Limits of the venue (web-socket-streams.md): 300 connections in 5 minutes from an address, 5 messages a
 * second on a connection with pings and pongs counted, 1,024 streams and 24 hours a connection. A subscription to a
 * stream that does not exist is confirmed like any other.
 */
export const binance: Venue = {
  name: 'binance',
  defaultSymbols: ['BTC-USDT', 'ETH-USDT'],
  separator: '',
  urls: ['wss://data-stream.binance.vision/ws', 'wss://stream.binance.com:9443/ws'],
  connects: [
    { max: 1, perMs: 1_000 },
    { max: 120, perMs: 300_000 },
  ],
  messageGapMs: 500,
  maxPairsPerConnection: 300,
  maxConnectionMs: 24 * 3_600_000,
  channels: ['trade', 'bookTicker', 'miniTicker'],
  sendsPast: false,
  keepalive: { silentMs: 15_000, answerMs: 5_000 },
  rest: {
    urls: ['https://data-api.binance.vision', 'https://api.binance.com'],
    // A request costs 25 of the 6,000 weights of a minute.
    gapMs: 350,
    listing,
    day,
    trades,
    candles: binanceCandles,
    time: async (get) => Number(idField(objectOf(await get('/api/v3/time')), 'serverTime')),
  },
  parse: JSON.parse,
  createMapper,
  requests: (keys) =>
    Array.from({ length: Math.ceil(keys.length / maxStreamsPerMessage) }, (_, i) =>
      keys.slice(i * maxStreamsPerMessage, (i + 1) * maxStreamsPerMessage),
    ),
  subscribeMessage: (id, keys) => JSON.stringify({ method: 'SUBSCRIBE', params: keys.map(streamName), id }),
};

const streamName = (key: StreamKey): string => `${nameOfKey(key).toLowerCase()}@${channelOfKey(key)}`;

function createMapper(pairs: readonly Pair[]): FrameMapper {
  const symbols = new Map(pairs.map(({ name, symbol }) => [name, symbol]));
  return (frame, rts) => {
    const items: readonly VenueItem[] = mapBinanceFrame(frame, rts, symbols);
    return items.length > 0 ? items : controlItems(frame);
  };
}

/** Answers to SUBSCRIBE, errors, and the notice ten minutes before a planned disconnect. */
const controlItems = (frame: unknown): readonly VenueItem[] => {
  const data = payloadOf(frame);
  if (!data) return [];
  if (data['e'] === 'serverShutdown') return [{ kind: 'shutdown' }];
  const id = data['id'];
  const requestId = typeof id === 'number' ? { requestId: id } : undefined;
  if ('result' in data && requestId && data['result'] === null) return [{ kind: 'confirmed', ...requestId }];
  const error = isFields(data['error']) ? data['error'] : data;
  if (typeof error['code'] !== 'number' || typeof error['msg'] !== 'string') return [];
  return [{ kind: 'refused', reason: `${error['msg']} (${error['code']})`, ...requestId }];
};

async function listing(get: RestGet, onBadEntry: OnBadEntry): Promise<readonly Pair[]> {
  const answer = objectOf(await get('/api/v3/exchangeInfo?permissions=SPOT&showPermissionSets=false'));
  const read = (listed: Fields): Pair => {
    const symbol = `${textField(listed, 'baseAsset')}-${textField(listed, 'quoteAsset')}`;
    // Delisted symbols stay on the list for years.
    const isClosed = typeof listed['status'] === 'string' && listed['status'] !== 'TRADING';
    const closed = isClosed && { isTrading: false };
    return { symbol, name: textField(listed, 'symbol'), ...closed, ...decimalsOf(listed['filters']) };
  };
  // Otherwise the error shows what came in place of the list.
  return readEach(answer['symbols'] ?? answer, read, onBadEntry);
}

/** Costs 80 of the 6,000 weights of a minute. */
async function day(get: RestGet, onBadEntry: OnBadEntry): Promise<readonly DayFigures[]> {
  const read = (data: Fields): DayFigures => ({
    name: textField(data, 'symbol'),
    last: Number(amountField(data, 'lastPrice')),
    quoteVolume: Number(amountField(data, 'quoteVolume')),
  });
  return readEach(await get('/api/v3/ticker/24hr?type=MINI'), read, onBadEntry);
}

/** Decimals of the step between two prices. */
const decimalsOf = (filters: unknown): { priceDecimals?: number } => {
  const list: readonly unknown[] = Array.isArray(filters) ? filters : [];
  const step = list.filter(isFields).find(({ filterType }) => filterType === 'PRICE_FILTER')?.['tickSize'];
  const priceDecimals = decimalsOfStep(step);
  return priceDecimals === undefined ? {} : { priceDecimals };
};

/**
 * The newest thousand trades come from memory and are fresh. Older ones come from the archive, which one of the two
 * addresses does not have.
 */
async function trades(get: RestGet, query: TradesQuery): Promise<readonly Trade[]> {
  const { pair, afterId, maxTrades } = query;
  const newest = tradesIn(await get(`/api/v3/trades?symbol=${pair.name}&limit=${pageSize}`), query);
  const firstKnown = Number(newest[0]?.id ?? Number.POSITIVE_INFINITY);
  const older: Trade[] = [];
  let next = afterId + 1;
  while (next < firstKnown && newest.length > 0 && older.length < maxTrades) {
    const path = `/api/v3/historicalTrades?symbol=${pair.name}&limit=${pageSize}&fromId=${next}`;
    const page = tradesIn(await get(path), query);
    const last = page.at(-1);
    if (!last || Number(last.id) < next) break;
    older.push(...page);
    next = Number(last.id) + 1;
  }
  return [...older.filter(({ id }) => Number(id) < firstKnown), ...newest];
}

const tradesIn = (answer: unknown, { pair: { symbol }, rts, onBadEntry }: TradesQuery): readonly Trade[] => {
  const read = (data: Fields): Trade => {
    const buyerIsMaker = data['isBuyerMaker'];
    if (typeof buyerIsMaker !== 'boolean') throw badField('boolean isBuyerMaker', buyerIsMaker);
    return {
      type: 'price.trade',
      venue: 'binance',
      symbol,
      ts: timeField(data, 'time'),
      rts: rts(),
      id: idField(data, 'id'),
      price: positiveField(data, 'price'),
      size: positiveField(data, 'qty'),
      side: buyerIsMaker ? 'sell' : 'buy',
    };
  };
  return readEach(answer, read, onBadEntry);
};

const objectOf = (answer: unknown): Fields => {
  if (!isFields(answer)) throw badField('an object', answer);
  return answer;
};
