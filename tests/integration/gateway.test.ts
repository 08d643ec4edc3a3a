import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMemoryHistory, createMemoryLayer, type GroupLayer } from '@tickwire/channel-layer';
import { type Gateway, gatewayConfig, startGateway } from '@tickwire/gateway';
import { createLogger } from '@tickwire/runtime';
import { gatewayVariables } from '../support/memory-gateway.js';
import { connectPlain } from '../support/plain-client.js';
import { waitFor } from '../support/wait-for.js';

const epoch = 'e1';

describe('the gateway over the in-memory layer', () => {
  let layer: GroupLayer;
  let history: ReturnType<typeof createMemoryHistory>;
  let gateway: Gateway;
  let base: string;
  const seqs = new Map<string, number>();

  const publish = async (group: string, fields: Record<string, unknown>): Promise<void> => {
    const seq = (seqs.get(group) ?? 0) + 1;
    seqs.set(group, seq);
    const message = { ...fields, type: String(fields['type']), seq, epoch, pts: Date.now() };
    await history.append([{ group, epoch, firstSeq: seq, messages: [message] }], 1);
  };

  const ticker = (symbol: string, last: string) =>
    publish(`ticker.sim.${symbol}`, { type: 'price.ticker', venue: 'sim', symbol, ts: 1, rts: 2, last });

  const start = async (env: Record<string, string> = {}): Promise<void> => {
    seqs.clear();
    layer = createMemoryLayer();
    history = createMemoryHistory({ publish: (group, message) => void layer.groupSend(group, message) });
    const config = gatewayConfig({ ...gatewayVariables, ...env });
    gateway = await startGateway({ config, logger: createLogger('test', 'silent'), layer, history });
    base = `http://127.0.0.1:${gateway.port}`;
    await publish('catalog', {
      type: 'feed.catalog',
      symbols: [
        { venue: 'sim', symbol: 'BTC-USD' },
        { venue: 'sim', symbol: 'ETH-USD' },
      ],
    });
  };

  beforeEach(() => start());
  afterEach(async () => {
    await gateway.close();
    await layer.close();
  });

  it('[G1] /ws/prediction/ sends the price as a number every second without being asked', async () => {
    await ticker('BTC-USD', '61234.50');
    using client = await connectPlain(`${base}/ws/prediction/`);
    await waitFor('three messages', () => client.messages.length >= 3);
    expect(client.messages[0]).toEqual({ price: 61234.5, ts: 1, venue: 'sim', symbol: 'BTC-USD' });
    await ticker('BTC-USD', '61235');
    await client.until('the new price', (message) => message['price'] === 61235);
  });

  it('[G2] the newest forecast rides beside the price', async () => {
    await ticker('BTC-USD', '61234.50');
    await publish('forecast.sim.BTC-USD', { type: 'price.forecast', venue: 'sim', symbol: 'BTC-USD', horizons: [] });
    using client = await connectPlain(`${base}/ws/prediction/`);
    const message = await client.until('a forecast', (each) => each['forecast'] !== undefined);
    expect(message['forecast']).toMatchObject({ type: 'price.forecast', symbol: 'BTC-USD', horizons: [] });
  });

  it('[G3] ?symbol= picks another symbol', async () => {
    await ticker('ETH-USD', '2680.1');
    using client = await connectPlain(`${base}/ws/prediction/?symbol=ETH-USD`);
    const message = await client.until('a price', () => true);
    expect(message).toMatchObject({ price: 2680.1, symbol: 'ETH-USD', venue: 'sim' });
  });

  it.each([
    ['symbol=DOGE-EUR', 4504, 'unknown symbol DOGE-EUR'],
    ['symbol=BTC-USD&venue=moon', 4504, 'unknown symbol BTC-USD at moon'],
    ['channels=trade.sim.NO-SUCH', 4504, 'unknown channel trade.sim.NO-SUCH'],
    ['channels=nonsense', 4504, 'unknown channel nonsense'],
    ['channels=', 3501, 'channels is empty'],
    ['channels=trade.sim.BTC-USD&interval=5', 3501, 'interval must be a whole number from 20 to 60000'],
    ['channels=trade.sim.BTC-USD&last=-1', 3501, 'last must be a whole number from 0 to 1000'],
  ])('[G4] ?%s is refused with a clear code and reason', async (query, code, reason) => {
    using client = await connectPlain(`${base}/ws/prediction/?${query}`);
    const closed = await client.closed;
    expect(closed.code).toBe(code);
    expect(closed.reason).toContain(reason);
  });

  it('[G5] ?channels= streams every publication of those channels with `channel` beside its fields', async () => {
    await publish('trade.sim.BTC-USD', {
      type: 'price.trade',
      venue: 'sim',
      symbol: 'BTC-USD',
      id: '1',
      price: '1.10',
    });
    using client = await connectPlain(`${base}/ws/prediction/?channels=trade.sim.BTC-USD,ticker.sim.BTC-USD`);
    await client.until('the newest trade', (message) => message['id'] === '1');
    for (let id = 2; id <= 50; id += 1) {
      await publish('trade.sim.BTC-USD', { type: 'price.trade', venue: 'sim', symbol: 'BTC-USD', id: String(id) });
    }
    await ticker('BTC-USD', '2');
    await client.until('the ticker', (message) => message['type'] === 'price.ticker');
    const trades = client.messages.filter((message) => message['channel'] === 'trade.sim.BTC-USD');
    expect(trades.map((trade) => trade['seq'])).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(trades[0]).toMatchObject({ type: 'price.trade', price: '1.10', epoch, seq: 1 });
  });

  it('[G6] ?batch=1 sends arrays, with the same messages', async () => {
    using client = await connectPlain(`${base}/ws/prediction/?channels=trade.sim.BTC-USD&batch=1&last=0`);
    await waitFor('the subscription', async () => {
      await publish('trade.sim.BTC-USD', { type: 'price.trade', id: 'x' });
      return client.messages.length >= 3;
    });
    const received = client.messages.map((message) => Number(message['seq']));
    expect(received).toEqual(received.map((_, index) => (received[0] ?? 0) + index));
  });

  it('[G7] a Django message without positions is delivered; poison closes nobody', async () => {
    using client = await connectPlain(`${base}/ws/prediction/?channels=ticker.sim.BTC-USD&last=0`);
    await waitFor('the subscription', async () => {
      await layer.groupSend('ticker.sim.BTC-USD', { type: 'price.ticker', last: '5', big: 2n ** 60n });
      return client.messages.length > 0;
    });
    expect(client.messages[0]).toMatchObject({ channel: 'ticker.sim.BTC-USD', last: '5', big: String(2n ** 60n) });
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it('[G8] an upgrade on an unknown path gets HTTP 404, not a hang', async () => {
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write(
      'GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    await once(socket, 'close');
  });

  it('[G9] HTTP: symbols, health, readiness, pages, and a small JSON 404 for the rest', async () => {
    const get = async (path: string) => fetch(base + path);
    expect(await (await get('/api/symbols')).json()).toEqual([
      { venue: 'sim', symbol: 'BTC-USD' },
      { venue: 'sim', symbol: 'ETH-USD' },
    ]);
    expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await get('/readyz')).status).toBe(200);
    expect(await (await get('/')).text()).toContain('Tickwire');
    expect(await (await get('/examples/plain.html')).text()).toContain('/ws/prediction/');
    const missing = await get('/no/such/thing');
    expect(missing.status).toBe(404);
    expect(await missing.json()).toEqual({ error: 'not found', path: '/no/such/thing' });
  });

  it('[G10] compression, where it is on and asked for, is one frame for all: the text is the same', async () => {
    await gateway.close();
    await layer.close();
    await start({ COMPRESSION: 'on' });
    using plain = await connectPlain(`${base}/ws/prediction/?channels=trade.sim.BTC-USD&batch=1`);
    expect(plain.socket.extensions).toContain('permessage-deflate');
    await waitFor('the subscription', async () => {
      await publish('trade.sim.BTC-USD', { type: 'price.trade', id: 'x' });
      return plain.messages.length >= 3;
    });
    expect(plain.messages[0]).toMatchObject({ channel: 'trade.sim.BTC-USD', type: 'price.trade', id: 'x' });
  });

  it('[G11] the channel limit closes with its code', async () => {
    await gateway.close();
    await layer.close();
    await start({ MAX_CHANNELS: '2' });
    using client = await connectPlain(
      `${base}/ws/prediction/?channels=trade.sim.BTC-USD,ticker.sim.BTC-USD,bar-1s.sim.BTC-USD`,
    );
    expect((await client.closed).code).toBe(3505);
  });

  it('[G20] a client that reconnects is notified, then gets what it missed, and nothing twice', async () => {
    const channel = 'trade.sim.BTC-USD';
    const url = `${base}/ws/prediction/?channels=${channel}`;
    for (const id of [1, 2, 3, 4, 5]) await publish(channel, { type: 'price.trade', id: String(id) });
    using back = await connectPlain(`${url}&since=${channel}:${epoch}:2`);
    await back.until('the newest', (message) => message['seq'] === 5);
    await publish(channel, { type: 'price.trade', id: '6' });
    await back.until('the live one', (message) => message['seq'] === 6);
    expect(back.messages[0]).toEqual({
      type: 'channel.recovered',
      channel,
      recovered: true,
      position: { seq: 5, epoch },
    });
    expect(back.messages.slice(1).map((message) => message['seq'])).toEqual([3, 4, 5, 6]);

    using current = await connectPlain(`${url}&since=${channel}:${epoch}:6&batch=1`);
    await current.until('the answer', (message) => message['recovered'] === true);
    expect(current.messages).toHaveLength(1);
  });

  it.each([`other:3`, `${epoch}:99`])(
    '[G20] a position that is not to be had (%s) begins afresh, and says so',
    async (at) => {
      const channel = 'trade.sim.BTC-USD';
      for (const id of [1, 2, 3]) await publish(channel, { type: 'price.trade', id: String(id) });
      using client = await connectPlain(`${base}/ws/prediction/?channels=${channel}&since=${channel}:${at}`);
      await client.until('the newest', (message) => message['seq'] === 3);
      expect(client.messages.map(({ recovered, seq }) => recovered ?? seq)).toEqual([false, 3]);
    },
  );

  it('[G385] a position of a channel that is not asked for is reported, in the URL and in a message', async () => {
    const stray = (name: string) => `since names ${name}, which is not among the channels: nothing is recovered there`;
    const [channel, other] = ['trade.sim.BTC-USD', 'trade.sim.BTC-USDT'];
    using client = await connectPlain(`${base}/ws/prediction/?channels=${channel}&since=${other}:x:1`);
    expect(await client.until('the report', ({ type }) => type === 'error')).toEqual({
      type: 'error',
      reason: stray(other),
    });
    await publish(channel, { type: 'price.trade', id: '1' });
    await client.until('a trade', ({ type }) => type === 'price.trade');
    const since = { [channel]: { seq: 0, epoch }, wrong: { seq: 1, epoch } };
    client.socket.send(JSON.stringify({ subscribe: [channel], since }));
    await client.until('the second report', ({ reason }) => reason === stray('wrong'));
    await client.until('the answer', ({ type }) => type === 'channel.recovered');
  });

  it('[G4] a `since` nobody can read is a bad request', async () => {
    using client = await connectPlain(`${base}/ws/prediction/?channels=trade.sim.BTC-USD&since=trade.sim.BTC-USD:1`);
    expect(await client.closed).toMatchObject({ code: 3501, reason: expect.stringContaining('since') });
  });
});
