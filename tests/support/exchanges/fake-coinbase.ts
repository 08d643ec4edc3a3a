import { candlesOf, isOdd } from './fake-candles.js';
import type { Dialect, FakeClient, FakeMarket, FakeSymbol, FakeTrade } from './fake-exchange-types.js';

const json = (status: number, body: unknown) => ({ status, body: JSON.stringify(body) });
const iso = (ms: number): string => new Date(ms).toISOString().replace('Z', '123Z');
const makerSide = ({ takerSide }: FakeTrade): string => (takerSide === 'buy' ? 'sell' : 'buy');

/** Coinbase Exchange's market data feed and REST interface as docs.cdp.coinbase.com/exchange describes them. */
export const coinbaseDialect = (market: FakeMarket): Dialect => {
  const { faults, now, truth } = market;
  const channels = ['ticker', 'matches', 'heartbeat'];
  let sequence = 5_000_000;
  const isProduct = (name: unknown): name is string => market.symbols.some(({ symbol }) => symbol === name);
  /** The sequence counts much that these channels do not show. */
  const nextSequence = (): number => {
    sequence += 1 + (sequence % 7);
    return sequence;
  };

  const match = (type: string, trade: FakeTrade) => ({
    type,
    trade_id: trade.id,
    maker_order_id: 'm',
    taker_order_id: 't',
    side: makerSide(trade),
    size: trade.size,
    price: trade.price,
    product_id: trade.symbol,
    sequence: nextSequence(),
    time: iso(trade.ts),
  });

  const ticker = ({ symbol, price, size, ts, takerSide, id }: FakeTrade) => ({
    type: 'ticker',
    sequence: nextSequence(),
    product_id: symbol,
    price,
    open_24h: price,
    volume_24h: '94381.2800',
    low_24h: price,
    high_24h: price,
    volume_30d: '2295579.57',
    best_bid: price,
    best_bid_size: '1.5',
    best_ask: price,
    best_ask_size: '0.5',
    side: takerSide,
    time: iso(ts),
    trade_id: id,
    last_size: size,
  });

  const wanted = (message: { channels?: unknown; product_ids?: unknown }): readonly [string, string][] => {
    const all = Array.isArray(message.product_ids) ? message.product_ids : [];
    return (Array.isArray(message.channels) ? message.channels : []).flatMap((channel) => {
      const name = typeof channel === 'string' ? channel : channel.name;
      const products: string[] = typeof channel === 'string' ? all : (channel.product_ids ?? all);
      return products.map((product): [string, string] => [name, product]);
    });
  };

  const subscriptions = (client: FakeClient) => ({
    type: 'subscriptions',
    channels: channels.flatMap((name) => {
      const products = market.symbols
        .map(({ symbol }) => symbol)
        .filter((symbol) => client.streams.has(`${name}:${symbol}`));
      return products.length === 0 ? [] : [{ name, product_ids: products.reverse() }];
    }),
  });

  return {
    venue: 'coinbase',
    limits: {
      connects: { max: 8, perMs: 1_000 },
      messages: { max: 100, perMs: 1_000, countsPings: false },
    },
    onOpen: () => {},
    onMessage: (client, text) => {
      let message: { type?: unknown; channels?: unknown; product_ids?: unknown };
      try {
        message = JSON.parse(text);
      } catch {
        client.send({ type: 'error', message: 'Malformed JSON' });
        return;
      }
      if (message.type !== 'subscribe') return;
      if (faults.ignoreSubscribes > 0) {
        faults.ignoreSubscribes -= 1;
        return;
      }
      const pairs = wanted(message);
      const unknown = pairs.find(([, product]) => !isProduct(product));
      if (unknown || pairs.length === 0) {
        const reason = unknown ? `${unknown[1]} is not a valid product` : 'no products';
        client.send({ type: 'error', message: 'Failed to subscribe', reason });
        return;
      }
      for (const [channel, product] of pairs) {
        client.stalled.delete(product);
        client.streams.add(`${channel}:${product}`);
        const last = truth(product).at(-1);
        if (last && channel === 'matches') client.send(match('last_match', last));
        if (last && channel === 'ticker') client.send(ticker(last));
      }
      client.send(subscriptions(client));
    },
    onSecond: (client) => {
      if (!client.hasSpoken && !client.isHalfOpen && now() - client.openedAt >= 5_000) {
        market.violate('no subscription within 5 seconds');
        client.close(1000, 'subscribe');
        return;
      }
      for (const { symbol } of market.symbols) {
        if (!client.streams.has(`heartbeat:${symbol}`)) continue;
        const last_trade_id = truth(symbol).at(-1)?.id ?? 0;
        client.send({ type: 'heartbeat', sequence, last_trade_id, product_id: symbol, time: iso(now()) });
      }
    },
    tradeFrames: (client, trade) => {
      const frames: string[] = [];
      if (client.streams.has(`ticker:${trade.symbol}`)) frames.push(JSON.stringify(ticker(trade)));
      if (client.streams.has(`matches:${trade.symbol}`)) frames.push(JSON.stringify(match('match', trade)));
      return frames;
    },
    quoteFrames: () => [],
    get: (path, query, trades) => {
      if (path === '/time') return json(200, { iso: new Date(now()).toISOString(), epoch: now() / 1000 });
      if (path === '/products') return json(200, market.symbols.map(listed));
      const charted = market.symbols.find(({ symbol }) => path === `/products/${symbol}/candles`);
      if (charted !== undefined) {
        const lengthMs = Number(query.get('granularity')) * 1_000;
        const [fromMs, lastMs] = ['start', 'end'].map((key) => Date.parse(query.get(key) ?? ''));
        if (fromMs === undefined || lastMs === undefined || (lastMs - fromMs) / lengthMs >= 300) {
          market.violate('more than 300 candles');
          return json(400, { message: 'granularity too small for the requested time range' });
        }
        const rows = candlesOf(faults, charted, lengthMs, fromMs, Math.min(now(), lastMs) + 1).map((candle) => {
          const odd = isOdd(faults);
          const [low, high] = odd ? [candle.high, candle.low] : [candle.low, candle.high];
          return [candle.start / 1_000, ...[low, high, candle.open, candle.close, candle.volume].map(Number)];
        });
        return json(200, rows.reverse());
      }
      if (path === '/products/stats') return json(200, Object.fromEntries(market.symbols.map(dayOf)));
      const product = /^\/products\/([^/]+)\/trades$/.exec(path)?.[1];
      if (!isProduct(product)) return json(404, { message: 'NotFound' });
      const below = Number(query.get('after') ?? Number.POSITIVE_INFINITY);
      const limit = Math.min(1000, Number(query.get('limit') ?? 1000));
      const page = trades(product).filter(({ id }) => id < below);
      return json(200, page.slice(-limit).reverse().map(restTrade));
    },
  };
};

const listed = ({ symbol }: { symbol: string }) => {
  const [base_currency, quote_currency] = symbol.split('-');
  return { id: symbol, base_currency, quote_currency, status: 'online', trading_disabled: false };
};

const dayOf = ({ symbol, quoteVolume = 0 }: FakeSymbol) => [
  symbol,
  { stats_24hour: { open: '1', high: '1', low: '1', last: '1', volume: String(quoteVolume) } },
];

const restTrade = (trade: FakeTrade) => ({
  trade_id: trade.id,
  side: makerSide(trade),
  size: trade.size,
  price: trade.price,
  time: iso(trade.ts),
});
