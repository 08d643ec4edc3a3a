import {
  createFaults,
  type FakeAnswer,
  type FakeClient,
  type FakeConnection,
  type FakeExchange,
  type FakeExchangeOptions,
  type FakeMarket,
  type FakeQuote,
  type FakeSink,
  type FakeSymbol,
  type FakeTrade,
} from './fake-exchange-types.js';

const firstId = 1_000;

export const createFakeExchange = (options: FakeExchangeOptions): FakeExchange => {
  const { clock, random } = options;
  let symbols = [...options.symbols];
  const trades = new Map<string, FakeTrade[]>(symbols.map(({ symbol }) => [symbol, []]));
  const ticks = new Map<string, number>(symbols.map(({ symbol }) => [symbol, 100_000]));
  const clients = new Set<FakeClient>();
  const violations: string[] = [];
  const connectTimes: number[] = [];
  const requests: string[] = [];
  let order = 0;
  /** A trade that waits for the one it changes places with. */
  let swapped: FakeTrade | undefined;
  const faults = createFaults();

  const truth = (symbol: string): readonly FakeTrade[] => trades.get(symbol) ?? [];
  const violate = (what: string): void => {
    violations.push(`${clock.now()}: ${what}`);
  };
  const market: FakeMarket = {
    get symbols() {
      return symbols;
    },
    faults,
    now: clock.now,
    truth,
    violate,
  };
  const dialect = options.dialect(market);
  const { limits } = dialect;

  const deliver = (trade: FakeTrade): void => {
    for (const client of clients) {
      if (client.stalled.has(trade.symbol)) continue;
      for (const frame of dialect.tradeFrames(client, trade)) client.sendRaw(frame);
    }
  };

  const publish = (trade: FakeTrade): void => {
    const garbage = faults.garbage.shift();
    if (garbage !== undefined) for (const client of clients) client.sendRaw(garbage);
    if (faults.spoilTrades > 0) {
      faults.spoilTrades -= 1;
      deliver({ ...trade, size: '0' });
      return;
    }
    if (faults.loseTrades > 0) {
      faults.loseTrades -= 1;
      return;
    }
    if (swapped === undefined && faults.swapTrades > 0) {
      faults.swapTrades -= 1;
      swapped = trade;
      return;
    }
    deliver(trade);
    if (faults.duplicateTrades > 0) {
      faults.duplicateTrades -= 1;
      deliver(trade);
    }
    if (swapped) deliver(swapped);
    swapped = undefined;
  };

  const tradeOnce = (symbol: string): void => {
    const known = trades.get(symbol);
    const info = symbols.find((listed) => listed.symbol === symbol);
    if (!known || !info) throw new Error(`no market ${symbol}`);
    const tick = Math.max(10, (ticks.get(symbol) ?? 0) + Math.round((random() - 0.5) * 20));
    ticks.set(symbol, tick);
    const trade: FakeTrade = {
      symbol,
      id: (known.at(-1)?.id ?? firstId) + 1,
      ts: clock.now(),
      price: scaled(tick, info.priceDecimals),
      size: scaled(1 + Math.floor(random() * 10_000), info.sizeDecimals),
      takerSide: random() < 0.5 ? 'buy' : 'sell',
    };
    known.push(trade);
    publish(trade);
  };

  const isOverLimit = (client: FakeClient): boolean => {
    const { max, perMs } = limits.messages;
    const now = clock.now();
    client.messageTimes.push(now);
    while ((client.messageTimes[0] ?? now) <= now - perMs) client.messageTimes.shift();
    if (client.messageTimes.length <= max) return false;
    violate(`more than ${max} messages in ${perMs} ms`);
    client.close(1008, 'Too many requests');
    return true;
  };

  const connect = (path: string, sink: FakeSink): FakeConnection | FakeAnswer => {
    const now = clock.now();
    connectTimes.push(now);
    const recent = connectTimes.filter((at) => at > now - limits.connects.perMs).length;
    if (recent > limits.connects.max) {
      violate(`more than ${limits.connects.max} connections in ${limits.connects.perMs} ms`);
      return { status: 429, body: '', headers: { 'retry-after': '600' } };
    }
    if (faults.refuseWith) {
      const { status, retryAfterS } = faults.refuseWith;
      return {
        status,
        body: '',
        ...(retryAfterS !== undefined && { headers: { 'retry-after': String(retryAfterS) } }),
      };
    }
    const client: FakeClient = {
      path,
      openedAt: now,
      heardAt: now,
      notifiedAt: now,
      pingedAt: undefined,
      hasSpoken: false,
      isHalfOpen: faults.isDeaf,
      streams: new Set<string>(),
      stalled: new Set<string>(),
      messageTimes: [],
      send: (message) => client.sendRaw(JSON.stringify(message)),
      sendRaw: (text) => {
        if (client.isHalfOpen || !clients.has(client)) return;
        client.notifiedAt = clock.now();
        sink.text(text);
      },
      ping: (payload) => {
        client.pingedAt ??= clock.now();
        if (!client.isHalfOpen) sink.ping(payload);
      },
      close: (code, reason) => {
        if (!clients.delete(client) || client.isHalfOpen) return;
        sink.close(code, reason);
      },
    };
    clients.add(client);
    dialect.onOpen(client);
    const hear = (isPing: boolean): boolean => {
      if (client.isHalfOpen || !clients.has(client)) return false;
      client.heardAt = clock.now();
      client.hasSpoken = true;
      return !(limits.messages.countsPings || !isPing) || !isOverLimit(client);
    };
    return {
      receive: (text) => {
        if (hear(false)) dialect.onMessage(client, text);
      },
      ping: () => {
        if (hear(true)) sink.pong();
      },
      pong: () => {
        client.pingedAt = undefined;
        hear(true);
      },
      gone: () => clients.delete(client),
    };
  };

  const known = (symbol: string): readonly FakeTrade[] => {
    const all = truth(symbol);
    return all.slice(0, all.length - faults.restLag).filter(({ id }) => !faults.forgotten.has(`${symbol}#${id}`));
  };

  return {
    venue: dialect.venue,
    faults,
    clients,
    truth,
    violations,
    connectTimes,
    requests,
    connect,
    trade: (symbol, count = 1) => {
      for (let i = 0; i < count; i++) tradeOnce(symbol);
    },
    quote: (symbol) => {
      const info = symbols.find((listed) => listed.symbol === symbol) as FakeSymbol;
      const tick = ticks.get(symbol) ?? 0;
      order += 1;
      const quote: FakeQuote = {
        symbol,
        order,
        ts: clock.now(),
        bid: scaled(tick - 1, info.priceDecimals),
        ask: scaled(tick + 1, info.priceDecimals),
        bidSize: scaled(1 + Math.floor(random() * 500), info.sizeDecimals),
        askSize: scaled(1 + Math.floor(random() * 500), info.sizeDecimals),
      };
      for (const client of clients) {
        if (client.stalled.has(symbol)) continue;
        for (const frame of dialect.quoteFrames(client, quote)) client.sendRaw(frame);
      }
    },
    second: () => {
      for (const client of [...clients]) {
        dialect.onSecond(client);
        const age = clock.now() - client.openedAt;
        if (limits.maxConnectionMs !== undefined && age >= limits.maxConnectionMs) client.close(1001, 'old');
      }
    },
    get: (url) => {
      requests.push(url);
      if (faults.rest === 'down') throw new Error('network is unreachable');
      if (faults.rest === 'hanging') return undefined;
      if (faults.rest === 'limited') return { status: 429, body: 'slow down', headers: { 'retry-after': '3' } };
      if (faults.rest === 'broken') return { status: 200, body: '<html>maintenance</html>' };
      const { pathname, searchParams } = new URL(url);
      return dialect.get(pathname, searchParams, known);
    },
    cutAll: (code, reason) => {
      for (const client of [...clients]) client.close(code, reason);
    },
    announceShutdown: () => {
      for (const client of clients) dialect.announceShutdown?.(client);
    },
    halfOpenAll: () => {
      for (const client of clients) client.isHalfOpen = true;
    },
    stall: (symbol) => {
      for (const client of clients) client.stalled.add(symbol);
    },
    list: (listed) => {
      symbols = [...symbols, listed];
      trades.set(listed.symbol, trades.get(listed.symbol) ?? []);
      ticks.set(listed.symbol, 100_000);
    },
    delist: (symbol) => {
      symbols = symbols.filter((listed) => listed.symbol !== symbol);
    },
  };
};

/** `(123, 2)` is `1.23`. */
const scaled = (units: number, decimals: number): string => {
  const digits = String(units).padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
};
