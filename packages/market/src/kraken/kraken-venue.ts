import type { Trade } from '@tickwire/protocol';
import { type OnBadEntry, readEach } from '../exchange/entries.js';
import {
  channelOfKey,
  type DayFigures,
  nameOfKey,
  type Pair,
  type RestGet,
  type StreamKey,
  type TradesQuery,
  type Venue,
} from '../exchange/venue.js';
import {
  amountField,
  badField,
  type Fields,
  idField,
  isFields,
  positiveField,
  textField,
  timeField,
} from '../exchange/wire-fields.js';
import { parseKeepingNumbers } from './keep-numbers.js';
import { krakenCandles, resultOf } from './kraken-candles.js';
import { createKrakenMapper, krakenChannels, padDecimals } from './kraken-frames.js';

const pageSize = 1000;
const maxSymbolsPerMessage = 50;

/**
 * Kraken spot, WebSocket v2. The venue's limits: about 150 connections in 10 minutes from an address, then a ban of 10
 * minutes; after maintenance at most one in 5 seconds; subscriptions at an unpublished rate. Trade ids increase by 1 a
 * pair, but the stream does not deliver all trades (krakenfx/api-go issue 36): the REST API fills in.
 */
export const kraken: Venue = {
  name: 'kraken',
  defaultSymbols: ['BTC-USD', 'ETH-USD'],
  separator: '/',
  urls: ['wss://ws.kraken.com/v2'],
  connects: [
    { max: 1, perMs: 5_000 },
    { max: 60, perMs: 600_000 },
  ],
  messageGapMs: 250,
  maxPairsPerConnection: 100,
  channels: krakenChannels,
  sendsPast: true,
  // The venue sends a heartbeat in each second without another message, and closes a connection after a minute of our
  // silence.
  keepalive: {
    silentMs: 5_000,
    answerMs: 5_000,
    everyMs: 30_000,
    message: (id) => JSON.stringify({ method: 'ping', req_id: id }),
  },
  rest: {
    urls: ['https://api.kraken.com'],
    gapMs: 1_100,
    // `EAPI:Rate limit exceeded` and `EGeneral:Too many requests` come with status 200.
    isLimit: (answer) => isFields(answer) && /rate limit|too many requests/i.test(String(answer['error'])),
    listing,
    day,
    trades,
    candles: krakenCandles,
  },
  parse: parseKeepingNumbers,
  createMapper: createKrakenMapper,
  requests: (keys) =>
    krakenChannels.flatMap((channel) => {
      const ofChannel = keys.filter((key) => channelOfKey(key) === channel);
      return Array.from({ length: Math.ceil(ofChannel.length / maxSymbolsPerMessage) }, (_, i) =>
        ofChannel.slice(i * maxSymbolsPerMessage, (i + 1) * maxSymbolsPerMessage),
      );
    }),
  subscribeMessage: (id, keys) => {
    const channel = channelOfKey(keys[0] as StreamKey);
    const params = { channel, symbol: keys.map(nameOfKey), snapshot: true };
    // By default a ticker comes only with trades, but the best prices move in between.
    const trigger = channel === 'ticker' ? { event_trigger: 'bbo' } : undefined;
    return JSON.stringify({ method: 'subscribe', params: { ...params, ...trigger }, req_id: id });
  },
};

/** The REST API still has the old names; WebSocket v2 uses these. */
const newAssetNames: Readonly<Record<string, string>> = { XBT: 'BTC', XDG: 'DOGE' };

async function listing(get: RestGet, onBadEntry: OnBadEntry): Promise<readonly Pair[]> {
  const read = (pair: Fields): Pair | undefined => {
    // Pairs without a WebSocket name, such as dark pools, have no streams.
    if (typeof pair['wsname'] !== 'string') return undefined;
    const assets = pair['wsname'].split('/').map((asset) => newAssetNames[asset] ?? asset);
    if (assets.length !== 2) throw badField('two assets in wsname', pair['wsname']);
    const decimals = {
      priceDecimals: Number(idField(pair, 'pair_decimals')),
      sizeDecimals: Number(idField(pair, 'lot_decimals')),
    };
    return {
      symbol: assets.join('-'),
      name: assets.join('/'),
      restName: textField(pair, 'altname'),
      listedName: textField(pair, 'key'),
      ...(closedStates.has(String(pair['status'])) && { isTrading: false }),
      ...decimals,
    };
  };
  return readEach(withKeys(resultOf(await get('/0/public/AssetPairs'))), read, onBadEntry);
}

const closedStates: ReadonlySet<string> = new Set(['cancel_only', 'delisted', 'reduce_only']);

/** `c` is the last trade, `v` the volume and `p` the mean price: of today, and of 24 hours. */
async function day(get: RestGet, onBadEntry: OnBadEntry): Promise<readonly DayFigures[]> {
  const read = (data: Fields): DayFigures => {
    const { c: last, v: volume, p: mean } = data;
    if (!isFields(last) || !isFields(volume) || !isFields(mean)) throw badField('c, v and p', data['key']);
    return {
      name: textField(data, 'key'),
      last: Number(amountField(last, '0')),
      quoteVolume: Number(amountField(volume, '1')) * Number(amountField(mean, '1')),
    };
  };
  return readEach(withKeys(resultOf(await get('/0/public/Ticker'))), read, onBadEntry);
}

/** Adds its name to each entry. */
const withKeys = (byName: Fields): readonly unknown[] =>
  Object.entries(byName).map(([key, value]) => (isFields(value) ? { ...value, key } : value));

/**
 * Queried by time; pages go forward. The millisecond of the known trade is included, because other trades may share it.
 */
async function trades(get: RestGet, { pair, afterId, afterMs, rts, maxTrades, onBadEntry }: TradesQuery) {
  const found: Trade[] = [];
  let since = `${afterMs - 1}000000`;
  for (;;) {
    const path = `/0/public/Trades?pair=${pair.restName ?? pair.name}&since=${since}&count=${pageSize}`;
    const { last, ...byPair } = resultOf(await get(path));
    const lists = Object.values(byPair);
    const page = lists.flatMap((list) => readEach(list, (entry) => tradeOf(entry, pair, rts()), onBadEntry));
    found.push(...page.filter(({ id }) => Number(id) > afterId));
    if (lists.every(isShort) || found.length >= maxTrades || typeof last !== 'string' || last === since) break;
    since = last;
  }
  return found.sort((a, b) => Number(a.id) - Number(b.id));
}

/** `[price, volume, seconds, "b" or "s", order type, misc, id]`: strings but for the seconds and the id. */
const tradeOf = (entry: Fields, { symbol, priceDecimals, sizeDecimals }: Pair, rts: number): Trade => {
  const side = entry['3'];
  if (side !== 'b' && side !== 's') throw badField('side', side);
  return {
    type: 'price.trade',
    venue: 'kraken',
    symbol,
    ts: msOfSeconds(entry['2']),
    rts,
    id: idField(entry, '6'),
    price: padDecimals(positiveField(entry, '0'), priceDecimals),
    size: padDecimals(positiveField(entry, '1'), sizeDecimals),
    side: side === 'b' ? 'buy' : 'sell',
  };
};

/** A page that is not full is the last one. */
const isShort = (list: unknown): boolean => !Array.isArray(list) || list.length < pageSize;

const msOfSeconds = (seconds: unknown): number => {
  const match = typeof seconds === 'string' ? /^(\d{1,11})(?:\.(\d+))?$/.exec(seconds) : null;
  if (!match) throw badField('time in seconds', seconds);
  return timeField(
    { seconds: Number(match[1]) * 1000 + Number((match[2] ?? '').slice(0, 3).padEnd(3, '0')) },
    'seconds',
  );
};
