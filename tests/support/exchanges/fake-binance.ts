import { candlesOf, type FakeCandle, isOdd } from './fake-candles.js';
import type { Dialect, FakeClient, FakeMarket, FakeSymbol, FakeTrade } from './fake-exchange-types.js';

const nameOf = (symbol: string): string => symbol.replace('-', '');
const json = (status: number, body: unknown) => ({ status, body: JSON.stringify(body) });

/** Binance spot as web-socket-streams.md and rest-api.md describe it. `/stream` wraps frames, `/ws` does not. */
export const binanceDialect =
  ({ maxConnectionMs = 24 * 3_600_000 }: { maxConnectionMs?: number } = {}) =>
  (market: FakeMarket): Dialect => {
    const { faults, now } = market;
    const symbolOf = (name: string): string | undefined =>
      market.symbols.find(({ symbol }) => nameOf(symbol) === name)?.symbol;

    const wrap = (client: FakeClient, stream: string, data: unknown): string =>
      JSON.stringify(client.path.startsWith('/stream') ? { stream, data } : data);

    const subscribe = (client: FakeClient, params: unknown): boolean => {
      if (!Array.isArray(params) || !params.every((stream) => typeof stream === 'string')) return false;
      for (const stream of params) client.streams.add(stream);
      // Silence from here on: what is asked anew comes anew.
      for (const { symbol } of market.symbols)
        if (params.some((stream) => stream.startsWith(nameOf(symbol).toLowerCase()))) client.stalled.delete(symbol);
      if (client.streams.size <= 1024) return true;
      market.violate('more than 1024 streams');
      client.close(1008, 'too many streams');
      return true;
    };

    return {
      venue: 'binance',
      limits: {
        connects: { max: 300, perMs: 300_000 },
        messages: { max: 5, perMs: 1_000, countsPings: true },
        maxConnectionMs,
      },
      onOpen: (client) => {
        const wanted = new URLSearchParams(client.path.split('?')[1]).get('streams');
        const first = client.path.startsWith('/ws/') ? client.path.slice(4) : '';
        for (const stream of [...(wanted ?? '').split('/'), first]) if (stream !== '') client.streams.add(stream);
      },
      onMessage: (client, text) => {
        let message: { method?: unknown; params?: unknown; id?: unknown };
        try {
          message = JSON.parse(text);
        } catch {
          client.send({ code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' });
          return;
        }
        const { method, params, id = null } = message;
        if (faults.ignoreSubscribes > 0 && method === 'SUBSCRIBE') {
          faults.ignoreSubscribes -= 1;
          return;
        }
        if (method === 'SUBSCRIBE' && subscribe(client, params)) client.send({ result: null, id });
        else if (method === 'UNSUBSCRIBE' && Array.isArray(params)) {
          for (const stream of params) client.streams.delete(stream);
          client.send({ result: null, id });
        } else if (method === 'LIST_SUBSCRIPTIONS') client.send({ result: [...client.streams], id });
        else client.send({ code: 2, msg: `Invalid request: unknown variant ${String(method)}`, id });
      },
      onSecond: (client) => {
        const time = now();
        if (client.pingedAt !== undefined && time - client.pingedAt >= 60_000) {
          client.close(1008, 'no pong');
          return;
        }
        if (Math.floor((time - client.openedAt) / 1_000) % 20 === 19) client.ping(String(time));
        for (const { symbol } of market.symbols) {
          const stream = `${nameOf(symbol).toLowerCase()}@miniTicker`;
          const last = market.truth(symbol).at(-1);
          if (!last || time - last.ts > 1_000 || !client.streams.has(stream) || client.stalled.has(symbol)) continue;
          const c = last.price;
          const day = { c, o: c, h: c, l: c, v: '1000.00000000', q: '100000.00000000' };
          client.sendRaw(wrap(client, stream, { e: '24hrMiniTicker', E: time, s: nameOf(symbol), ...day }));
        }
      },
      tradeFrames: (client, { symbol, id, price, size, ts, takerSide }) => {
        const stream = `${nameOf(symbol).toLowerCase()}@trade`;
        if (!client.streams.has(stream)) return [];
        const data = { e: 'trade', E: ts + 1, s: nameOf(symbol), t: id, p: price, q: size, T: ts };
        return [wrap(client, stream, { ...data, m: takerSide === 'sell', M: true })];
      },
      quoteFrames: (client, { symbol, order, bid, bidSize, ask, askSize }) => {
        const stream = `${nameOf(symbol).toLowerCase()}@bookTicker`;
        if (!client.streams.has(stream)) return [];
        return [wrap(client, stream, { u: order, s: nameOf(symbol), b: bid, B: bidSize, a: ask, A: askSize })];
      },
      announceShutdown: (client) => {
        client.sendRaw(wrap(client, '!serverShutdown', { e: 'serverShutdown', E: now() }));
      },
      get: (path, query, trades) => {
        const symbol = symbolOf(query.get('symbol') ?? '') ?? '';
        const limit = Math.min(1000, Number(query.get('limit') ?? 500));
        switch (path) {
          case '/api/v3/ping':
            return json(200, {});
          case '/api/v3/time':
            return json(200, { serverTime: now() });
          case '/api/v3/exchangeInfo':
            return json(200, { symbols: market.symbols.map(listed) });
          case '/api/v3/ticker/24hr':
            return json(200, market.symbols.map(dayOf));
          case '/api/v3/trades':
            if (symbol === '') return json(400, { code: -1121, msg: 'Invalid symbol.' });
            return json(200, trades(symbol).slice(-limit).map(restTrade));
          case '/api/v3/klines': {
            const lengthMs = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 }[query.get('interval') ?? ''];
            const info = market.symbols.find((listed) => listed.symbol === symbol);
            if (info === undefined || lengthMs === undefined)
              return json(400, { code: -1120, msg: 'Invalid interval.' });
            const untilMs = Math.min(now(), Number(query.get('endTime') ?? now())) + 1;
            const rows = candlesOf(faults, info, lengthMs, Number(query.get('startTime') ?? 0), untilMs).slice(
              0,
              limit,
            );
            return json(
              200,
              rows.map((candle) => kline(candle, lengthMs, isOdd(faults))),
            );
          }
          case '/api/v3/historicalTrades': {
            const from = Number(query.get('fromId') ?? 0);
            const older = trades(symbol).filter(({ id }) => id >= from);
            return json(200, older.slice(0, limit).map(restTrade));
          }
          default:
            return json(404, { code: -1, msg: 'not found' });
        }
      },
    };
  };

const kline = (candle: FakeCandle, lengthMs: number, odd: boolean) => {
  const { start, open, high, low, close, volume, trades } = candle;
  return [
    start,
    open,
    odd ? low : high,
    odd ? high : low,
    close,
    volume,
    start + lengthMs - 1,
    volume,
    trades,
    volume,
    volume,
    '0',
  ];
};

const listed = ({ symbol }: { symbol: string }) => {
  const [baseAsset, quoteAsset] = symbol.split('-');
  return { symbol: nameOf(symbol), status: 'TRADING', baseAsset, quoteAsset };
};

const dayOf = ({ symbol, quoteVolume = 0 }: FakeSymbol) => ({
  symbol: nameOf(symbol),
  lastPrice: '1.00000000',
  volume: '1.00000000',
  quoteVolume: String(quoteVolume),
});

const restTrade = ({ id, price, size, ts, takerSide }: FakeTrade) => ({
  id,
  price,
  qty: size,
  quoteQty: '1.0',
  time: ts,
  isBuyerMaker: takerSide === 'sell',
  isBestMatch: true,
});
