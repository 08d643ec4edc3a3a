import { candlesOf, isOdd } from './fake-candles.js';
import type { Dialect, FakeClient, FakeMarket, FakeSymbol, FakeTrade } from './fake-exchange-types.js';

const json = (status: number, body: unknown) => ({ status, body: JSON.stringify(body) });
const nameOf = (symbol: string): string => symbol.replace('-', '/');
const oldName = (symbol: string): string => nameOf(symbol).replace('BTC', 'XBT');
const iso = (ms: number): string => new Date(ms).toISOString().replace('Z', '456Z');
/** As a JSON number: trailing zeros are gone, and tiny ones have an exponent. */
const number = (text: string): string => String(Number(text));

/** Kraken's WebSocket v2 and REST interface as docs.kraken.com describes them. */
export const krakenDialect = (market: FakeMarket): Dialect => {
  const { faults, now, truth } = market;
  const symbolOf = (name: unknown): string | undefined =>
    market.symbols.find(({ symbol }) => nameOf(symbol) === name)?.symbol;

  // By hand: JSON.stringify would print what a double makes of the numbers.
  const tradeData = ({ symbol, id, price, size, ts, takerSide }: FakeTrade): string =>
    `{"symbol":"${nameOf(symbol)}","side":"${takerSide}","price":${number(price)},"qty":${number(size)},` +
    `"ord_type":"limit","trade_id":${id},"timestamp":"${iso(ts)}"}`;
  const tradeFrame = (type: string, trades: readonly FakeTrade[]): string =>
    `{"channel":"trade","type":"${type}","data":[${trades.map(tradeData).join(',')}]}`;
  const tickerFrame = (type: string, symbol: string, fields: Readonly<Record<string, string>>): string => {
    const numbers = Object.entries(fields).map(([key, value]) => `"${key}":${number(value)}`);
    const data = `{"symbol":"${nameOf(symbol)}",${numbers.join(',')},"timestamp":"${iso(now())}"}`;
    return `{"channel":"ticker","type":"${type}","data":[${data}]}`;
  };
  const day = (symbol: string): Record<string, string> => {
    const last = truth(symbol).at(-1)?.price ?? '1';
    return { last, volume: '163.28908096', vwap: last, low: last, high: last, change: '-250', change_pct: '-0.24' };
  };

  const subscribe = (client: FakeClient, params: Record<string, unknown>, req: object): void => {
    const { channel, symbol: names, snapshot } = params;
    for (const name of Array.isArray(names) ? names : []) {
      const symbol = symbolOf(name);
      const times = { time_in: iso(now()), time_out: iso(now()) };
      if (!symbol || (channel !== 'trade' && channel !== 'ticker')) {
        const error = `Currency pair not supported ${name}`;
        client.send({ error, method: 'subscribe', success: false, symbol: name, ...times, ...req });
        continue;
      }
      client.streams.add(`${channel}:${symbol}`);
      client.stalled.delete(symbol);
      const result = { channel, symbol: name, snapshot };
      client.send({ method: 'subscribe', result, success: true, ...times, ...req });
      if (snapshot !== true) continue;
      const last = truth(symbol).slice(-50);
      if (channel === 'trade') client.sendRaw(tradeFrame('snapshot', last));
      else if (last.length > 0) client.sendRaw(tickerFrame('snapshot', symbol, { ...best(last), ...day(symbol) }));
    }
  };

  return {
    venue: 'kraken',
    limits: {
      connects: { max: 150, perMs: 600_000 },
      messages: { max: 1_000, perMs: 1_000, countsPings: false },
    },
    onOpen: (client) => {
      // Beyond 2^53, as real ones are.
      const data = '{"api_version":"v2","connection_id":13834774380200032777,"system":"online","version":"2.0.0"}';
      client.sendRaw(`{"channel":"status","data":[${data}],"type":"update"}`);
    },
    onMessage: (client, text) => {
      const { method, params, req_id } = JSON.parse(text);
      const req = req_id === undefined ? {} : { req_id };
      if (method === 'ping') client.send({ method: 'pong', time_in: iso(now()), time_out: iso(now()), ...req });
      if (method !== 'subscribe') return;
      if (faults.ignoreSubscribes > 0) {
        faults.ignoreSubscribes -= 1;
        // What the venue does when it is asked too fast.
        client.send({ Error: 'Exceeded msg rate' });
        return;
      }
      const recent = client.messageTimes.filter((at) => at > now() - 1_000).length;
      if (recent > 10) {
        market.violate('more than 10 messages a second');
        client.send({ Error: 'Exceeded msg rate' });
      } else subscribe(client, params, req);
    },
    onSecond: (client) => {
      if (now() - client.heardAt >= 60_000) client.close(1000, 'inactive');
      else if (client.streams.size > 0 && now() - client.notifiedAt >= 1_000) client.send({ channel: 'heartbeat' });
    },
    tradeFrames: (client, trade) =>
      client.streams.has(`trade:${trade.symbol}`) ? [tradeFrame('update', [trade])] : [],
    quoteFrames: (client, { symbol, bid, bidSize, ask, askSize }) => {
      if (!client.streams.has(`ticker:${symbol}`)) return [];
      const quote = { bid, bid_qty: bidSize, ask, ask_qty: askSize };
      return [tickerFrame('update', symbol, { ...quote, ...day(symbol) })];
    },
    get: (path, query, trades) => {
      if (path === '/0/public/AssetPairs')
        return json(200, { error: [], result: Object.fromEntries(market.symbols.map(listed)) });
      if (path === '/0/public/OHLC') {
        const charted = market.symbols.find((each) => oldName(each.symbol).replace('/', '') === query.get('pair'));
        if (!charted) return json(200, { error: ['EQuery:Unknown asset pair'] });
        const lengthMs = Number(query.get('interval')) * 60_000;
        const rows = candlesOf(faults, charted, lengthMs, now() - 720 * lengthMs, now());
        const result = rows.slice(-720).map((candle) => {
          const { start, open, close, volume, trades } = candle;
          const [high, low] = isOdd(faults) ? [candle.low, candle.high] : [candle.high, candle.low];
          return [start / 1_000, open, high, low, close, close, volume, trades];
        });
        const last = (Math.floor(now() / lengthMs) - 1) * (lengthMs / 1_000);
        return json(200, { error: [], result: { [`X${charted.symbol}`]: result, last } });
      }
      if (path === '/0/public/Ticker')
        return json(200, { error: [], result: Object.fromEntries(market.symbols.map(dayOf)) });
      if (path !== '/0/public/Trades') return json(404, { error: ['EGeneral:Unknown method'] });
      const symbol = market.symbols.find(
        (listed) => oldName(listed.symbol).replace('/', '') === query.get('pair'),
      )?.symbol;
      if (!symbol) return json(200, { error: ['EQuery:Unknown asset pair'] });
      const since = BigInt(query.get('since') ?? 0);
      const page = trades(symbol)
        .filter(({ ts }) => BigInt(ts) * 1_000_000n > since)
        .slice(0, Number(query.get('count') ?? 1000));
      const last = BigInt(page.at(-1)?.ts ?? 0) * 1_000_000n;
      return json(200, { error: [], result: { [`X${symbol}`]: page.map(restTrade), last: String(last) } });
    },
  };
};

const best = (trades: readonly FakeTrade[]): Record<string, string> => {
  const price = trades.at(-1)?.price ?? '1';
  return { bid: price, bid_qty: '2.5', ask: price, ask_qty: '0.00000010' };
};

const listed = ({
  symbol,
  priceDecimals,
  sizeDecimals,
}: {
  symbol: string;
  priceDecimals: number;
  sizeDecimals: number;
}) => [
  `X${symbol}`,
  {
    altname: oldName(symbol).replace('/', ''),
    wsname: oldName(symbol),
    status: 'online',
    pair_decimals: priceDecimals,
    lot_decimals: sizeDecimals,
  },
];

const dayOf = ({ symbol, quoteVolume = 0 }: FakeSymbol) => [
  `X${symbol}`,
  { c: ['1.0', '1'], v: ['0', String(quoteVolume)], p: ['1.0', '1.0'] },
];

const restTrade = ({ id, price, size, ts, takerSide }: FakeTrade) => [
  ...[price, size, ts / 1000 + 0.0004567, takerSide === 'buy' ? 'b' : 's', 'l', '', id],
];
