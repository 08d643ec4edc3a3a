import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { type MemoryGateway, sampleBar, startMemoryGateway } from '../support/memory-gateway.js';
import { connectPlain, type PlainClient } from '../support/plain-client.js';
import { waitFor } from '../support/wait-for.js';

const header = { venue: 'sim', ts: 1_700_000_000_000, rts: 1_700_000_000_001 };

describe('Binance market streams', () => {
  let served: MemoryGateway;

  const start = async (env: Readonly<Record<string, string>> = {}): Promise<void> => {
    await served?.[Symbol.asyncDispose]();
    served = await startMemoryGateway({ env });
  };
  beforeEach(() => start());
  afterEach(async () => {
    await served[Symbol.asyncDispose]();
  });

  const connect = (path: string): Promise<PlainClient> => connectPlain(served.url + path);

  const trade = (id: number, symbol = 'BTC-USD'): Promise<number> =>
    served.publish(`trade.sim.${symbol}`, {
      type: 'price.trade',
      ...header,
      symbol,
      id: String(id),
      price: `${id}.50`,
      size: '0.10',
      side: 'buy',
    });
  const ticker = (last: string, fields: Readonly<Record<string, unknown>> = {}, symbol = 'BTC-USD'): Promise<number> =>
    served.publish(`ticker.sim.${symbol}`, { type: 'price.ticker', ...header, symbol, last, ...fields });
  const bar = (
    interval: string,
    start: number,
    fields: Readonly<Record<string, unknown>> = {},
    symbol = 'BTC-USD',
  ): Promise<number> =>
    served.publish(`bar-${interval}.sim.${symbol}`, { ...sampleBar, ...header, interval, start, ...fields });
  /** A bar at one price. */
  const flat = (close: string): Readonly<Record<string, unknown>> => ({
    ...{ open: close, high: close, low: close, close },
    trades: 1,
  });
  const catalog = (...symbols: readonly { readonly venue: string; readonly symbol: string }[]): Promise<number> =>
    served.publish('catalog', { type: 'feed.catalog', symbols });

  const ask = async (client: PlainClient, request: Readonly<Record<string, unknown>>): Promise<unknown> => {
    client.socket.send(JSON.stringify(request));
    return client.until(`an answer to ${JSON.stringify(request).slice(0, 80)}`, ({ id }) => id === request['id']);
  };
  const subscribe = (client: PlainClient, params: readonly string[], id: number | string = 'sub'): Promise<unknown> =>
    ask(client, { method: 'SUBSCRIBE', params, id });
  /** Resolves once everything asked for in the URL is there. */
  const settled = (client: PlainClient): Promise<unknown> =>
    ask(client, { method: 'LIST_SUBSCRIPTIONS', id: 'settled' });
  const events = (client: PlainClient): unknown[] => client.messages.filter((message) => !('id' in message));
  /** The newest event of each stream, once each has one. */
  const oneOfEach = async (
    client: PlainClient,
    names: readonly string[],
  ): Promise<Readonly<Record<string, unknown>>> => {
    await waitFor('one of each', () => names.every((name) => client.messages.some(({ stream }) => stream === name)));
    return Object.fromEntries(client.messages.map(({ stream, data }) => [stream, data]));
  };

  it.each([
    ['/ws', false, []],
    ['/ws/', false, []],
    ['/ws/0', false, ['0']],
    ['/ws/btcusd@trade', false, ['btcusd@trade']],
    ['/ws/btcusd%40trade', false, ['btcusd@trade']],
    ['/ws/btcusd@trade/ethusd@trade', false, ['btcusd@trade', 'ethusd@trade']],
    ['/stream', true, []],
    ['/stream/', true, []],
    ['/stream?streams=', true, []],
    ['/stream?streams=btcusd@trade/ethusd@trade', true, ['btcusd@trade', 'ethusd@trade']],
    ['/stream?streams=btcusd%40trade%2Fethusd%40trade', true, ['btcusd@trade', 'ethusd@trade']],
  ])('[G30] %s is accepted, wraps events: %s', async (path, isCombined, names) => {
    using client = await connect(path);
    expect(await settled(client)).toEqual({ result: names, id: 'settled' });
    expect(await ask(client, { method: 'GET_PROPERTY', params: ['combined'], id: 1 })).toEqual({
      result: isCombined,
      id: 1,
    });
    if (!names.includes('btcusd@trade')) return;
    await trade(1);
    const data = { e: 'trade', E: 1, s: 'BTCUSD', t: 1, p: '1.50', q: '0.10', T: header.ts, m: false, M: true };
    await waitFor('the trade', () => events(client).length > 0);
    expect(events(client)).toEqual([isCombined ? { stream: 'btcusd@trade', data } : data]);
  });

  it('[G31] every stream sends its channel in its own shape', async () => {
    const kinds = ['trade', 'aggTrade', 'ticker', 'miniTicker', 'bookTicker', 'kline_1s', 'kline_1m', 'forecast'];
    const names = kinds.map((kind) => `btcusd@${kind}`);
    using client = await connect(`/stream?streams=${names.join('/')}`);
    await settled(client);
    await trade(7);
    await ticker('5', { bid: '4', ask: '6' });
    await bar('1s', 1_700_000_040_000, { close: '2.0', closed: false });
    await bar('1m', 1_700_000_040_000, { close: '2.5' });
    await served.publish('forecast.sim.BTC-USD', { type: 'price.forecast', ...header, price: '5', horizons: [] });
    expect(await oneOfEach(client, names)).toMatchObject({
      'btcusd@trade': { e: 'trade', t: 7, p: '7.50' },
      'btcusd@aggTrade': { e: 'aggTrade', a: 7, p: '7.50' },
      'btcusd@ticker': { e: '24hrTicker', c: '5', b: '4', a: '6' },
      'btcusd@miniTicker': { e: '24hrMiniTicker', c: '5' },
      'btcusd@bookTicker': { s: 'BTCUSD', b: '4', a: '6' },
      'btcusd@kline_1s': { e: 'kline', k: { i: '1s', c: '2.0', x: false } },
      'btcusd@kline_1m': { e: 'kline', k: { i: '1m', c: '2.5', x: true } },
      'btcusd@forecast': { e: 'forecast', p: '5', h: [] },
    });
  });

  it('[G31] a message that cannot be mapped is left out, counted, and costs nobody the next', async () => {
    using client = await connect('/ws/btcusd@trade');
    await settled(client);
    await served.publish('trade.sim.BTC-USD', { type: 'price.trade', price: 5 });
    await trade(2);
    await client.until('the good one', ({ t }) => t === 2);
    expect(events(client)).toHaveLength(1);
  });

  it('[G32] subscriptions come and go while connected; an answer stands before the first event', async () => {
    using client = await connect('/ws');
    await ticker('5');
    expect(await subscribe(client, ['btcusd@trade', 'btcusd@miniTicker', 'btcusd@trade'], 1)).toEqual({
      result: null,
      id: 1,
    });
    await trade(1);
    await client.until('the trade', ({ t }) => t === 1);
    expect(client.messages.map(({ id, e }) => id ?? e)).toEqual([1, '24hrMiniTicker', 'trade']);
    expect(await ask(client, { method: 'UNSUBSCRIBE', params: ['btcusd@trade', 'never@seen'], id: 2 })).toEqual({
      result: null,
      id: 2,
    });
    expect(await ask(client, { method: 'LIST_SUBSCRIPTIONS', id: 3 })).toEqual({
      result: ['btcusd@miniTicker'],
      id: 3,
    });
    await trade(2);
    await subscribe(client, ['btcusd@trade'], 4);
    await trade(3);
    await client.until('the trade after', ({ t }) => t === 3);
    expect(client.messages.some(({ t }) => t === 2)).toBe(false);
  });

  it('[G32] SET_PROPERTY combined wraps from then on, without losing or doubling an event', async () => {
    using client = await connect('/ws/btcusd@trade');
    await settled(client);
    let id = 0;
    for (const isCombined of [true, false, true]) {
      for (let i = 0; i < 20; i += 1) void trade(++id);
      client.socket.send(JSON.stringify({ method: 'SET_PROPERTY', params: ['combined', isCombined], id: String(id) }));
      for (let i = 0; i < 20; i += 1) void trade(++id);
      await waitFor('the answer', () => client.messages.some((message) => message['id'] === String(id - 20)));
    }
    await waitFor('all trades', () => events(client).length >= id);
    const reported = client.messages.map((message) => (message['data'] as typeof message | undefined) ?? message);
    expect(reported.flatMap(({ t }) => t ?? [])).toEqual(Array.from({ length: id }, (_, index) => index + 1));
    let isWrapped = false;
    for (const message of client.messages) {
      if (message['result'] === null) isWrapped = !isWrapped;
      else if (!('id' in message)) expect('stream' in message).toBe(isWrapped);
    }
  });

  it('[G33] ids of every allowed type are echoed as they came', async () => {
    using client = await connect('/ws');
    const answers: string[] = [];
    client.socket.on('message', (data) => answers.push(data.toString()));
    for (const id of ['9223372036854775807', 'null', '"0b5f1a1e-64c1-4b7e-9c6f-3f5f2f0f0a11"', '-1']) {
      client.socket.send(`{"method":"SUBSCRIBE","params":[],"id":${id}}`);
    }
    await waitFor('four answers', () => answers.length === 4);
    expect(answers[0]).toBe('{"result":null,"id":9223372036854775807}');
    expect(answers.slice(1)).toEqual([
      '{"result":null,"id":null}',
      '{"result":null,"id":"0b5f1a1e-64c1-4b7e-9c6f-3f5f2f0f0a11"}',
      '{"result":null,"id":-1}',
    ]);
  });

  it('[G34] what cannot be taken is answered with its error, and the connection goes on', async () => {
    using client = await connect('/ws');
    client.socket.send('hello');
    client.socket.send(Buffer.from('{"method":"LIST_SUBSCRIPTIONS","id":1}'), { binary: true });
    expect(await ask(client, { method: 'SET_PROPERTY', params: ['x', true], id: 'p' })).toEqual({
      code: 0,
      msg: 'Unknown property',
      id: 'p',
    });
    expect(client.messages.slice(0, 2)).toEqual([
      { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' },
      { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' },
    ]);
    expect(await settled(client)).toEqual({ result: [], id: 'settled' });
  });

  it('[G35] an unknown stream is answered as any other and is silent, until its symbol comes', async () => {
    using client = await connect('/ws/BTCUSD@trade/btcusd@depth7/newusd@trade');
    expect(await subscribe(client, ['newusd@miniTicker', '!nonsense'])).toEqual({ result: null, id: 'sub' });
    await trade(1);
    await trade(1, 'NEW-USD');
    await catalog({ venue: 'sim', symbol: 'BTC-USD' }, { venue: 'sim', symbol: 'NEW-USD' });
    let id = 1;
    await waitFor('the new symbol', async () => {
      id += 1;
      await trade(id, 'NEW-USD');
      return client.messages.some(({ s }) => s === 'NEWUSD');
    });
    expect(client.messages.filter(({ s }) => s !== undefined && s !== 'NEWUSD')).toEqual([]);
    await ticker('5', {}, 'NEW-USD');
    await client.until('its ticker', ({ e }) => e === '24hrMiniTicker');
  });

  it('[G35] BINANCE_VENUE says whose symbols they are; without it the first venue of the catalog', async () => {
    await start({ BINANCE_VENUE: 'other' });
    using client = await connect('/ws/btcusd@trade');
    await settled(client);
    await trade(1);
    await served.publish('trade.other.BTC-USD', { ...header, id: '2', price: '2', size: '1', side: 'buy' });
    await catalog({ venue: 'sim', symbol: 'BTC-USD' }, { venue: 'other', symbol: 'BTC-USD' });
    let id = 2;
    await waitFor('a trade of the other venue', async () => {
      id += 1;
      const fields = { ...header, id: String(id), price: '2', size: '1', side: 'buy' };
      await served.publish('trade.other.BTC-USD', fields);
      return events(client).length > 0;
    });
    expect(client.messages.some(({ t }) => t === 1)).toBe(false);
  });

  it('[G36] 1024 streams, and not one more', async () => {
    const names = Array.from({ length: 1_024 }, (_, index) => `x${index}usd@trade`);
    using client = await connect('/ws');
    expect(await subscribe(client, names, 1)).toEqual({ result: null, id: 1 });
    expect(await subscribe(client, ['btcusd@trade'], 2)).toEqual({
      code: 2,
      msg: 'Invalid request: too many parameters',
      id: 2,
    });
    expect(await ask(client, { method: 'UNSUBSCRIBE', params: [names[0]], id: 3 })).toEqual({ result: null, id: 3 });
    expect(await subscribe(client, ['btcusd@trade'], 4)).toEqual({ result: null, id: 4 });

    using whole = await connect(`/stream?streams=${names.join('/')}`);
    expect(await settled(whole)).toMatchObject({ result: { length: 1_024 } });
    using tooMany = await connect(`/stream?streams=${names.join('/')}/btcusd@trade`);
    expect(await tooMany.closed).toEqual({ code: 1008, reason: 'Too many streams' });
  });

  it.each(['message', 'ping', 'pong'] as const)('[G37] the eleventh %s within a second ends it', async (kind) => {
    using client = await connect('/ws');
    for (let id = 1; id <= 11; id += 1) {
      if (kind === 'message') client.socket.send(JSON.stringify({ method: 'LIST_SUBSCRIPTIONS', id }));
      else client.socket[kind]();
    }
    expect(await client.closed).toEqual({ code: 1008, reason: 'Too many requests' });
    if (kind === 'message') expect(client.messages.length).toBeLessThanOrEqual(10);
  });

  it('[G38] pings carry the time and must be answered with it', async () => {
    await start({ BINANCE_PING_MS: '300', PING_MS: '100' });
    using client = await connect('/ws');
    const pings: number[] = [];
    client.socket.on('ping', (data) => pings.push(Number(data.toString())));
    const silent = new WebSocket(`${served.url.replace('http', 'ws')}/ws`, { autoPong: false });
    const closed = new Promise((resolve) => silent.on('close', resolve));
    silent.on('ping', () => silent.pong('something else'));
    expect(await closed).toBe(1008);
    await waitFor('pings to go on', () => pings.length >= 5);
    for (const at of pings) expect(Math.abs(Date.now() - at)).toBeLessThan(60_000);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  it.each([
    ['/stream?stream=btcusd@trade', 'stream is unknown: did you mean streams?'],
    ['/stream?streams=btcusd@trade&streams=ethusd@trade', 'streams is given more than once'],
    ['/ws/btcusd@trade?timeunit=MICROSECOND', 'timeunit is unknown: did you mean timeUnit?'],
    ['/ws/btcusd@trade?timeUnit=NANOSECOND', 'timeUnit must be MILLISECOND or MICROSECOND'],
    ['/ws?timeUnit=', 'timeUnit must be MILLISECOND or MICROSECOND'],
  ])('[G222] %s closes with what is wrong', async (path, reason) => {
    using client = await connect(path);
    expect(await client.closed).toEqual({ code: 1008, reason: expect.stringContaining(reason) });
  });

  it.each(['/ws/predictions/', '/ws/Prediction', '/ws/predicton/', '/ws/prediction/BTC-USD'])(
    '[G375] %s is meant for plain JSON, and closes with that path',
    async (path) => {
      using client = await connect(path);
      expect(await client.closed).toEqual({ code: 1008, reason: expect.stringContaining('/ws/prediction/') });
    },
  );

  it.each(['MICROSECOND', 'microsecond'])('[G39] timeUnit=%s', async (unit) => {
    using raw = await connect(`/ws/btcusd@trade?timeUnit=${unit}`);
    using combined = await connect(`/stream?streams=btcusd@trade&timeUnit=${unit}`);
    await Promise.all([settled(raw), settled(combined)]);
    await trade(1);
    expect(await raw.until('the trade', ({ t }) => t === 1)).toMatchObject({ E: 1_000, T: header.ts * 1_000 });
    expect(await combined.until('the trade', ({ stream }) => stream !== undefined)).toMatchObject({
      data: { T: header.ts * 1_000 },
    });
  });

  it('[G40] a gateway that leaves says so before it closes', async () => {
    using raw = await connect('/ws/btcusd@trade');
    using combined = await connect('/stream?streams=btcusd@trade');
    using micro = await connect('/ws?timeUnit=MICROSECOND');
    await Promise.all([settled(raw), settled(combined), settled(micro)]);
    const before = Date.now();
    await served.gateway.close();
    const codes = await Promise.all([raw, combined, micro].map(async ({ closed }) => (await closed).code));
    expect(codes).toEqual([1001, 1001, 1001]);
    const reported = raw.messages.at(-1);
    expect(reported).toEqual({ e: 'serverShutdown', E: expect.any(Number) });
    expect(Number(reported?.['E'])).toBeGreaterThanOrEqual(before);
    expect(combined.messages.at(-1)).toEqual({ stream: '!serverShutdown', data: reported });
    expect(micro.messages.at(-1)).toEqual({ e: 'serverShutdown', E: Number(reported?.['E']) * 1_000 });
  });

  it('[G150] clients of Binance streams have time to connect elsewhere; others do not wait for them', async () => {
    await start({ DRAIN_MS: '2000' });
    using client = await connect('/ws/btcusd@trade');
    using leaver = await connect('/ws/btcusd@trade');
    using plain = await connectPlain(`${served.url}/ws/prediction/?channels=trade.sim.BTC-USD`);
    await Promise.all([settled(client), settled(leaver)]);
    const left: string[] = [];
    const note = async (name: string, { closed }: PlainClient): Promise<void> => {
      await closed;
      left.push(name);
    };
    const leaving = Promise.all([note('client', client), note('leaver', leaver), note('plain', plain)]);
    const closing = served.gateway.close();
    await leaver.until('the warning', ({ e }) => e === 'serverShutdown');
    const warnedMs = performance.now();
    leaver.socket.close();
    await trade(1);
    await client.until('a trade after the warning', ({ t }) => t === 1);
    expect(await client.closed).toMatchObject({ code: 1001 });
    // Half of DRAIN_MS, in steps of 50 ms.
    expect(performance.now() - warnedMs).toBeGreaterThan(900);
    await Promise.all([leaving, closing]);
    expect(left.at(-1)).toBe('client');
  });

  it('[G41] tickers come at once and then once a second at most, the newest', async () => {
    await ticker('1');
    using client = await connect('/ws/btcusd@miniTicker');
    await client.until('the newest', ({ c }) => c === '1');
    for (let last = 2; last <= 200; last += 1) await ticker(String(last));
    await client.until('the last', ({ c }) => c === '200');
    expect(events(client).length).toBeLessThanOrEqual(4);
  });

  it('[G41] !miniTicker@arr: an array of those that changed, of symbols that came later too', async () => {
    using client = await connect('/ws/!miniTicker@arr');
    const arrays: unknown[][] = [];
    client.socket.on('message', (data) => {
      const message: unknown = JSON.parse(data.toString());
      if (Array.isArray(message)) arrays.push(message);
    });
    await settled(client);
    await Promise.all([ticker('1'), ticker('2', {}, 'ETH-USD')]);
    await waitFor('both', () => arrays.length > 0);
    expect(arrays[0]).toMatchObject([
      { e: '24hrMiniTicker', s: 'BTCUSD', c: '1' },
      { e: '24hrMiniTicker', s: 'ETHUSD', c: '2' },
    ]);
    await ticker('3', {}, 'ETH-USD');
    await served.publish('ticker.sim.BTC-USD', { type: 'price.ticker', last: 'poison' });
    await waitFor('the one that changed', () => arrays.length > 1);
    expect(arrays[1]).toMatchObject([{ s: 'ETHUSD', c: '3' }]);
    await catalog(...['BTC-USD', 'ETH-USD', 'NEW-USD'].map((symbol) => ({ venue: 'sim', symbol })));
    await ticker('9', {}, 'NEW-USD');
    await waitFor('the new symbol', () => arrays.some((array) => JSON.stringify(array).includes('NEWUSD')));
  });

  it('[G31] what others send on a channel does not disturb its streams', async () => {
    using client = await connect('/ws/btcusd@miniTicker/btcusd@bookTicker');
    using arrays = await connect('/ws/!miniTicker@arr');
    await Promise.all([settled(client), settled(arrays)]);
    await ticker('1', { bid: '1', ask: '2' });
    await ticker('2', { bid: '1', ask: '2' });
    await served.layer.groupSend('ticker.sim.BTC-USD', { type: 'price.alert', bid: 'high', ask: 'higher' });
    await client.until('the newest', ({ c }) => c === '2');
    await arrays.until('the newest', ({ c }) => c === '2');
    expect(events(client)).toHaveLength(3);
  });

  it('[G300] a follower of klines does not begin with one that is closed', async () => {
    const first = 1_700_000_040_000;
    using early = await connect('/ws/btcusd@kline_1m');
    await settled(early);
    await bar('1m', first, { ...flat('1'), closed: false });
    await bar('1m', first, { ...flat('2'), closed: true });
    await early.until('the close', ({ k }) => (k as { x: boolean } | undefined)?.x === true);
    using second = await connect('/ws/btcusd@kline_1m');
    await settled(second);
    using third = await connect('/ws/btcusd@kline_3m');
    await settled(third);
    await bar('1m', first + 60_000, { ...flat('3'), closed: false });
    for (const client of [second, third]) await client.until('the next', ({ k }) => k !== undefined);
    expect(events(second)).toMatchObject([{ k: { c: '3', x: false } }]);
    expect(events(third)).toMatchObject([{ k: { c: '3', x: false } }]);
  });

  it('[G31] one kline after the other: each is closed before the next begins', async () => {
    using client = await connect('/ws/btcusd@kline_1s');
    await settled(client);
    const first = 1_700_000_000_000;
    const grow = (at: number, close: string, closed = false, intoMs = 100, more = {}): Promise<number> =>
      bar('1s', first + at * 1_000, { ts: first + at * 1_000 + intoMs, high: '9', close, closed, ...more });
    await grow(0, '1');
    await grow(1, '2');
    await grow(1, '3');
    await grow(0, '1', true);
    await grow(1, '4', true);
    // That trades of the first came too late is nothing that a kline can say.
    await grow(0, '1', true, 100, { incomplete: true });
    await grow(2, '5');
    // What closed this one is lost: the next waits for it, but not for long.
    await grow(3, '6');
    await grow(3, '7', false, 1_000);
    await grow(3, '8', true);
    await grow(4, '9');
    await client.until('the last', ({ k }) => (k as { c: string } | undefined)?.c === '9');
    const reported = events(client).map((event) => (event as { k: { t: number; c: string; x: boolean } }).k);
    expect(reported.map(({ t, c, x }) => [(t - first) / 1_000, c, x])).toEqual([
      [0, '1', false],
      [0, '1', true],
      [1, '3', false],
      [1, '4', true],
      [2, '5', false],
      [3, '7', false],
      [3, '8', true],
      [4, '9', false],
    ]);
  });

  it('[G42] bookTicker only sends quotes that moved', async () => {
    using client = await connect('/ws/btcusd@bookTicker');
    await settled(client);
    await ticker('1');
    await ticker('2', { bid: '1', ask: '3', bidSize: '5' });
    await ticker('3', { bid: '1', ask: '3', bidSize: '5' });
    await ticker('4', { bid: '1', ask: '3', bidSize: '6' });
    await ticker('5', { bid: '1', bidSize: '6' });
    await client.until('the quote without an ask', (message) => message['a'] === '0');
    expect(events(client)).toEqual([
      { u: 102, s: 'BTCUSD', b: '1', B: '5', a: '3', A: '0' },
      { u: 104, s: 'BTCUSD', b: '1', B: '6', a: '3', A: '0' },
      { u: 105, s: 'BTCUSD', b: '1', B: '6', a: '0', A: '0' },
    ]);
  });

  it('[G159] @depth and a book by REST keep a book in order, as Binance says how', async () => {
    let pts = 1_700_000_000_000;
    const quote = (bid: string, ask?: string): Promise<number> => {
      pts += 7;
      return ticker('5', { pts, bid, bidSize: '1.50', ...(ask !== undefined && { ask, askSize: '2' }) });
    };
    await quote('100', '101');
    using client = await connect('/ws/btcusd@depth@100ms/btcusd@depth5@100ms');
    await client.until('a first update', ({ e }) => e === 'depthUpdate');
    await quote('102', '103');
    await quote('99', '103');
    const response = await fetch(`${served.url}/api/v3/depth?symbol=BTCUSD`);
    const snapshot = (await response.json()) as { lastUpdateId: number; bids: string[][]; asks: string[][] };
    expect(snapshot).toMatchObject({ bids: [['99', '1.50']], asks: [['103', '2']] });
    await ticker('6', { pts, bid: '99', bidSize: '1.50', ask: '103', askSize: '2' });
    await quote('98');
    await quote('97');
    type Update = { U: number; u: number; b: string[][]; a: string[][] };
    const updates = (): Update[] => events(client).filter((event): event is Update => 'U' in (event as Update));
    await waitFor('the last one', () => updates().some(({ b }) => b.some(([price]) => price === '97')));
    const levels = { b: new Map(snapshot.bids as [string, string][]), a: new Map(snapshot.asks as [string, string][]) };
    let last = snapshot.lastUpdateId;
    for (const [index, update] of updates().entries()) {
      const before = updates()[index - 1];
      if (before !== undefined) expect(update.U).toBe(before.u + 1);
      expect(update.u).toBeGreaterThanOrEqual(update.U);
      if (update.u <= snapshot.lastUpdateId) continue;
      expect(update.U).toBeLessThanOrEqual(last + 1);
      last = update.u;
      for (const side of ['b', 'a'] as const) {
        for (const [price = '', size = ''] of update[side]) {
          if (Number(size) === 0) levels[side].delete(price);
          else levels[side].set(price, size);
        }
      }
    }
    expect([[...levels.b], [...levels.a]]).toEqual([[['97', '1.50']], []]);
    const books = events(client).filter((event) => 'bids' in (event as object));
    expect(books.at(-1)).toEqual({ lastUpdateId: last, bids: [['97', '1.50']], asks: [] });
  });

  it('[G160] klines of any period begin with what history has of theirs, and grow', async () => {
    const first = 1_700_006_400_000;
    const grow = (at: number, close: string, closed: boolean, more = {}): Promise<number> =>
      bar('1m', first + at * 60_000, {
        ...flat(close),
        ...{ ts: first + at * 60_000 + 100, volume: '0.1', quoteVolume: '1', closed },
        ...more,
      });
    await grow(-1, '50', true);
    await grow(0, '10', true);
    await grow(1, '30', true, { takerBuyVolume: '0.1', takerBuyQuoteVolume: '1' });
    await grow(2, '20', false);
    using client = await connect('/stream?streams=btcusd@kline_3m/btcusd@kline_1d@+08:00/btcusd@kline_7m');
    const kline = async (stream: string, close: string): Promise<unknown> => {
      const found = await client.until(close, ({ stream: name, data }) => {
        const { k } = (data ?? {}) as { k?: { c: string } };
        return name === stream && k?.c === close;
      });
      return (found['data'] as { k: unknown }).k;
    };
    const figures = { o: '10', h: '30', l: '10', c: '20', v: '0.3', q: '3', n: 3, x: false };
    expect(await kline('btcusd@kline_3m', '20')).toMatchObject({ t: first, T: first + 179_999, i: '3m', ...figures });
    await grow(2, '21', true);
    expect(await kline('btcusd@kline_3m', '21')).toMatchObject({ t: first, v: '0.3', x: true });
    await grow(3, '40', false);
    expect(await kline('btcusd@kline_3m', '40')).toMatchObject({ t: first + 180_000, o: '40', v: '0.1', x: false });
    // Begins at 16:00 UTC, and is made of bars of 4 hours.
    const begin = 1_699_977_600_000;
    for (const [at, close] of ['70', '60'].entries()) {
      await bar('4h', begin + at * 14_400_000, { ...flat(close), volume: '1', closed: at === 0 });
    }
    expect(await kline('btcusd@kline_1d@+08:00', '60')).toMatchObject({ i: '1d', t: begin, h: '70', v: '2', n: 2 });
  });

  it('[G161] average prices and rolling windows, from the minutes', async () => {
    const first = 1_700_006_400_000;
    for (let at = 0; at < 6; at += 1) {
      const figures = { high: String(at + 2), volume: String(at), quoteVolume: String(at * 3), trades: 1 };
      await bar('1m', first + at * 60_000, { ts: first + at * 60_000 + 100, ...figures, closed: at < 5 });
    }
    await ticker('7', { open24h: '5', change24h: '2', changePct24h: '40' });
    const names = ['btcusd@avgPrice', 'btcusd@ticker_1h', 'btcusd@ticker_4h', 'btcusd@ticker_1d', '!ticker@arr'];
    using client = await connect(`/stream?streams=${names.join('/')}`);
    const reported = await oneOfEach(client, names);
    const hour = { o: '1', h: '7', l: '1', c: '2', p: '1', P: '100.000', w: '3.00000000', v: '15', q: '45', n: 6 };
    expect(reported).toMatchObject({
      'btcusd@avgPrice': { e: 'avgPrice', s: 'BTCUSD', i: '5m', w: '3.00000000', T: first + 300_100 },
      'btcusd@ticker_1h': { e: '1hTicker', O: first, C: first + 300_100, ...hour },
      'btcusd@ticker_4h': { e: '4hTicker', ...hour },
      'btcusd@ticker_1d': { e: '1dTicker', o: '5', c: '7', p: '2', P: '40' },
      '!ticker@arr': [{ e: '24hrTicker', s: 'BTCUSD', o: '5', c: '7' }],
    });
  });

  it('[G240] streams of all symbols: book tickers as they move, arrays of rolling windows, and their paces', async () => {
    for (const symbol of ['BTC-USD', 'ETH-USD']) {
      await bar('1m', 1_700_006_400_000, { trades: 1, high: '3', volume: '1', quoteVolume: '2' }, symbol);
    }
    const arrays = [
      '!ticker_1h@arr',
      '!ticker_4h@arr',
      '!ticker_1d@arr',
      '!miniTicker@arr@1000ms',
      '!ticker@arr@3000ms',
    ];
    const names = [...arrays, '!bookTicker', 'btcusd@depth@1000ms', 'btcusd@depth5@1000ms'];
    using client = await connect(`/stream?streams=${names.join('/')}`);
    await settled(client);
    await ticker('7', { bid: '6', ask: '8', bidSize: '1', askSize: '1' });
    await ticker('9', { bid: '8', ask: '10' }, 'ETH-USD');
    await ticker('10', { bid: '8', ask: '10' }, 'ETH-USD');
    await oneOfEach(client, names);
    const dataOf = (name: string): unknown[] =>
      client.messages.flatMap(({ stream, data }) => (stream === name ? [data] : []));
    await waitFor('both book tickers', () => dataOf('!bookTicker').length >= 2);
    expect(dataOf('!bookTicker')).toMatchObject([
      { s: 'BTCUSD', b: '6', a: '8' },
      { s: 'ETHUSD', b: '8', a: '10' },
    ]);
    const both = (fields: object): unknown =>
      ['BTCUSD', 'ETHUSD'].map((s) => expect.objectContaining({ s, ...fields }));
    expect(dataOf('!ticker_1h@arr')[0]).toEqual(both({ e: '1hTicker', h: '3', c: '2', n: 1 }));
    expect(dataOf('!ticker_4h@arr')[0]).toEqual(both({ e: '4hTicker', v: '1' }));
    expect(dataOf('!ticker_1d@arr').flat()).toContainEqual(expect.objectContaining({ e: '1dTicker', c: '7' }));
    expect(dataOf('!miniTicker@arr@1000ms').flat()).toContainEqual(expect.objectContaining({ s: 'ETHUSD', c: '10' }));
    expect(dataOf('!ticker@arr@3000ms')).toMatchObject([[{ c: '7' }, { c: '10' }]]);
  });

  it('[G10] compressed frames hold the same text', async () => {
    await start({ COMPRESSION: 'on' });
    using client = await connect('/stream?streams=btcusd@trade');
    expect(client.socket.extensions).toContain('permessage-deflate');
    await settled(client);
    await trade(1);
    expect(await client.until('the trade', ({ stream }) => stream === 'btcusd@trade')).toMatchObject({
      data: { e: 'trade', t: 1 },
    });
  });
});
