import type { Side, Trade } from '@tickwire/protocol';
import { type LostTrade, LostTrades, readEach } from '../exchange/entries.js';
import { type FrameMapper, type Pair, type StreamKey, streamKey, type VenueItem } from '../exchange/venue.js';
import {
  amountField,
  askSide,
  badField,
  bidSide,
  decimalField,
  type Fields,
  idField,
  isFields,
  isoTimeField,
  positiveField,
  present,
  priceOrNone,
} from '../exchange/wire-fields.js';

const venue = 'kraken';

/**
 * Maps frames of Kraken's WebSocket v2, parsed by `parseKeepingNumbers`: `trade` gives trades (`side` is the taker's),
 * as a snapshot the fifty before the subscription; `ticker` a quote and the statistics of the day. Prices and sizes are
 * numbers there: they are padded with zeros to the precision of the pair.
 *
 * Source: docs.kraken.com/api, Spot WebSocket v2.
 */
export const createKrakenMapper = (pairs: readonly Pair[]): FrameMapper => {
  const byName = new Map(pairs.map((pair) => [pair.name, pair]));
  const pairOf = (data: Fields): Pair | undefined =>
    typeof data['symbol'] === 'string' ? byName.get(data['symbol']) : undefined;

  return (frame, rts) => {
    if (!isFields(frame)) return nothing;
    if ('method' in frame) return answerItems(frame);
    if ('Error' in frame || 'error' in frame) return errorItems(frame['Error'] ?? frame['error']);
    switch (frame['channel']) {
      case 'trade': {
        const read = (data: Fields): Trade | undefined => {
          const pair = pairOf(data);
          return pair && krakenTrade(data, pair, rts);
        };
        const { found: trades, bad } = entries(frame, read, (data) => lostIn(data, pairOf(data)));
        const items = frame['type'] === 'snapshot' ? pastItems(trades) : trades.map(tradeItem);
        return bad.length === 0 ? items : [...items, ...bad];
      }
      case 'ticker': {
        const read = (data: Fields): readonly VenueItem[] | undefined => {
          const pair = pairOf(data);
          return pair && tickerItems(data, pair, rts);
        };
        const { found, bad } = entries(frame, read);
        return [...found.flat(), ...bad];
      }
      case 'status': {
        const [system] = entries(frame, (data) => data['system']).found;
        if (typeof system !== 'string' || !/^[a-z_]{1,40}$/.test(system)) throw badField('a status', system);
        return [{ kind: 'system', isOpen: !closedStates.has(system), status: system }];
      }
      default:
        return nothing;
    }
  };
};

/** Pads with zeros; never cuts. */
export const padDecimals = (text: string, decimals: number | undefined): string => {
  if (decimals === undefined || decimals === 0) return text;
  const point = text.indexOf('.');
  const missing = decimals - (point < 0 ? 0 : text.length - point - 1);
  return missing <= 0 ? text : `${text}${point < 0 ? '.' : ''}${'0'.repeat(missing)}`;
};

/** States without trading. In `post_only` nothing is traded either, but the book moves. */
const closedStates: ReadonlySet<string> = new Set(['maintenance', 'cancel_only']);

const nothing: readonly VenueItem[] = Object.freeze([]);

type BadItem = Extract<VenueItem, { kind: 'bad' }>;

/** Reads the entries of a frame, and reports bad ones. @throws MarketError `bad-frame` if all are bad */
const entries = <Entry>(
  { data }: Fields,
  read: (entry: Fields) => Entry | undefined,
  lostIn: (entry: Fields) => LostTrade | undefined = () => undefined,
): { readonly found: readonly Entry[]; readonly bad: readonly BadItem[] } => {
  const bad: BadItem[] = [];
  const found = readEach(data, read, (reason, entry) => {
    const lost = isFields(entry) ? lostIn(entry) : undefined;
    bad.push({ kind: 'bad', reason, ...(lost && { lost }) });
  });
  const [first] = bad;
  if (found.length > 0 || !first) return { found, bad };
  throw new LostTrades(
    first.reason,
    bad.flatMap(({ lost }) => lost ?? []),
  );
};

/** Identifies a trade that cannot be read. */
const lostIn = (data: Fields, pair: Pair | undefined): LostTrade | undefined => {
  const id = data['trade_id'];
  return pair && typeof id === 'string' && /^\d{1,15}$/.test(id) ? { symbol: pair.symbol, id } : undefined;
};

const tradeItem = (trade: Trade): VenueItem => ({ kind: 'trade', trade });

const krakenTrade = (data: Fields, { symbol, priceDecimals, sizeDecimals }: Pair, rts: number): Trade => ({
  type: 'price.trade',
  venue,
  symbol,
  ts: isoTimeField(data, 'timestamp'),
  rts,
  id: idField(data, 'trade_id'),
  price: padDecimals(positiveField(data, 'price'), priceDecimals),
  size: padDecimals(positiveField(data, 'qty'), sizeDecimals),
  side: sideOf(data['side']),
});

const sideOf = (side: unknown): Side => {
  if (side !== 'buy' && side !== 'sell') throw badField('side', side);
  return side;
};

const pastItems = (trades: readonly Trade[]): readonly VenueItem[] => {
  const symbols = [...new Set(trades.map(({ symbol }) => symbol))];
  return symbols.map((symbol) => ({
    kind: 'past',
    symbol,
    trades: trades.filter((trade) => trade.symbol === symbol).sort((a, b) => Number(a.id) - Number(b.id)),
  }));
};

const tickerItems = (data: Fields, pair: Pair, rts: number): readonly VenueItem[] => {
  // Older recordings have no `timestamp` here; without it only the receive time is known.
  const ts = 'timestamp' in data ? isoTimeField(data, 'timestamp') : rts;
  const header = { venue, symbol: pair.symbol, ts, rts };
  const price = (text: string | undefined) => text && padDecimals(text, pair.priceDecimals);
  const size = (text: string | undefined) => text && padDecimals(text, pair.sizeDecimals);
  const { bid, bidSize } = bidSide(data, 'bid', 'bid_qty');
  const { ask, askSize } = askSide(data, 'ask', 'ask_qty');
  const book = present({ bid: price(bid), bidSize: size(bidSize), ask: price(ask), askSize: size(askSize) });
  const quote = { ...header, ...book };
  const stats = {
    ...header,
    ...present({
      last: price(priceOrNone(data, 'last')),
      high24h: price(priceOrNone(data, 'high')),
      low24h: price(priceOrNone(data, 'low')),
      vwap24h: priceOrNone(data, 'vwap'),
    }),
    volume24h: padDecimals(amountField(data, 'volume'), pair.sizeDecimals),
    change24h: decimalField(data, 'change'),
    changePct24h: decimalField(data, 'change_pct'),
  };
  return [
    { kind: 'quote', quote },
    { kind: 'stats', stats },
  ];
};

const answerItems = (frame: Fields): readonly VenueItem[] => {
  if (frame['method'] === 'pong') return [{ kind: 'pong', venueMs: isoTimeField(frame, 'time_in') }];
  if (frame['method'] !== 'subscribe') return nothing;
  const requestId = 'req_id' in frame ? { requestId: Number(idField(frame, 'req_id')) } : undefined;
  const result = frame['result'];
  if (frame['success'] === true && isFields(result)) return [{ kind: 'confirmed', keys: keysOf(result), ...requestId }];
  if (frame['success'] !== false) throw badField('success', frame['success']);
  if (/already subscribed/i.test(String(frame['error'])) && requestId) return [{ kind: 'confirmed', ...requestId }];
  const { symbol } = frame;
  // The answer names the pair but not the channel, which is that of the request.
  const keys = typeof symbol === 'string' ? krakenChannels.map((channel) => streamKey(channel, symbol)) : undefined;
  return [{ kind: 'refused', reason: String(frame['error'] ?? 'refused'), ...(keys && { keys }), ...requestId }];
};

const keysOf = ({ channel, symbol }: Fields): readonly StreamKey[] => {
  if (typeof channel !== 'string' || typeof symbol !== 'string') throw badField('channel and symbol', channel);
  return [streamKey(channel, symbol)];
};

const errorItems = (error: unknown): readonly VenueItem[] =>
  typeof error === 'string' && /rate/i.test(error)
    ? [{ kind: 'limited' }]
    : [{ kind: 'refused', reason: String(error).slice(0, 200) }];

export const krakenChannels = ['trade', 'ticker'] as const;
