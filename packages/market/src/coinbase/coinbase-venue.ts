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
import { amountField, badField, decimalsOfStep, type Fields, isFields, textField } from '../exchange/wire-fields.js';
import { coinbaseCandles } from './coinbase-candles.js';
import { coinbaseChannels, coinbaseTrade, createCoinbaseMapper } from './coinbase-frames.js';

const pageSize = 1000;
const maxProductsPerMessage = 100;

/**
 * Coinbase Exchange, the feed without an account. The venue's limits: 8 connections a second from an address, the first
 * subscription within 5 seconds, 100 messages a second.
 */
export const coinbase: Venue = {
  name: 'coinbase',
  defaultSymbols: ['BTC-USD', 'ETH-USD'],
  separator: '-',
  urls: ['wss://ws-feed.exchange.coinbase.com'],
  connects: [
    { max: 1, perMs: 500 },
    { max: 60, perMs: 60_000 },
  ],
  messageGapMs: 100,
  maxPairsPerConnection: 100,
  channels: coinbaseChannels,
  sendsPast: true,
  // Every product has a heartbeat each second.
  keepalive: { silentMs: 5_000, answerMs: 5_000 },
  rest: {
    urls: ['https://api.exchange.coinbase.com'],
    gapMs: 150,
    listing,
    day,
    trades,
    candles: coinbaseCandles,
    time: async (get) => {
      const answer = await get('/time');
      const time = isFields(answer) ? Date.parse(textField(answer, 'iso')) : Number.NaN;
      if (Number.isNaN(time)) throw badField('time iso', answer);
      return time;
    },
  },
  parse: JSON.parse,
  createMapper: createCoinbaseMapper,
  requests: (keys) => {
    const names = [...new Set(keys.map(nameOfKey))];
    return Array.from({ length: Math.ceil(names.length / maxProductsPerMessage) }, (_, i) => {
      const part = new Set(names.slice(i * maxProductsPerMessage, (i + 1) * maxProductsPerMessage));
      return keys.filter((key) => part.has(nameOfKey(key)));
    });
  },
  subscribeMessage: (_id, keys) => {
    const channels = [...new Set(keys.map(channelOfKey))].map((name) => ({ name, product_ids: namesOf(keys, name) }));
    return JSON.stringify({ type: 'subscribe', channels });
  },
};

const namesOf = (keys: readonly StreamKey[], channel: string): readonly string[] =>
  keys.filter((key) => channelOfKey(key) === channel).map(nameOfKey);

async function listing(get: RestGet, onBadEntry: OnBadEntry): Promise<readonly Pair[]> {
  const read = (product: Fields): Pair | undefined => {
    if (product['status'] === 'delisted') return undefined;
    const symbol = `${textField(product, 'base_currency')}-${textField(product, 'quote_currency')}`;
    const priceDecimals = decimalsOfStep(product['quote_increment']);
    const isClosed = product['trading_disabled'] === true || product['status'] === 'offline';
    const closed = isClosed && { isTrading: false };
    return { symbol, name: textField(product, 'id'), ...closed, ...(priceDecimals !== undefined && { priceDecimals }) };
  };
  return readEach(await get('/products'), read, onBadEntry);
}

/** The volume is in the base currency; valued at the last price it is accurate enough. */
async function day(get: RestGet, onBadEntry: OnBadEntry): Promise<readonly DayFigures[]> {
  const answer = await get('/products/stats');
  if (!isFields(answer)) throw badField('figures by product', answer);
  const entries = Object.entries(answer).map(([name, figures]) => isFields(figures) && { ...figures, name });
  const read = (data: Fields): DayFigures => {
    const stats = data['stats_24hour'];
    if (!isFields(stats)) throw badField('stats_24hour', stats);
    const last = Number(amountField(stats, 'last'));
    return { name: textField(data, 'name'), last, quoteVolume: Number(amountField(stats, 'volume')) * last };
  };
  return readEach(entries, read, onBadEntry);
}

/** Pages go back in time; `after=<id>` returns the trades below that id. */
async function trades(get: RestGet, { pair, afterId, beforeId, rts, maxTrades, onBadEntry }: TradesQuery) {
  const found: Trade[] = [];
  let below = beforeId;
  do {
    const cursor = below === undefined ? '' : `&after=${below}`;
    const answer = await get(`/products/${pair.name}/trades?limit=${pageSize}${cursor}`);
    const page = readEach(answer, (data) => coinbaseTrade(data, pair.symbol, rts()), onBadEntry);
    const oldest = Math.min(...page.map(({ id }) => Number(id)));
    if (page.length === 0 || (below !== undefined && oldest >= below)) break;
    found.push(...page);
    below = oldest;
  } while (below > afterId + 1 && found.length < maxTrades);
  return found.filter(({ id }) => Number(id) > afterId).sort((a, b) => Number(a.id) - Number(b.id));
}
