import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { gatewayConfig, startGateway } from '@tickwire/gateway';
import { createLogger, type Logger, openRedisBackend, redisConfig } from '@tickwire/runtime';
import { openCentrifuge } from '../support/centrifuge-client.js';
import { loginOf, urlFor } from '../support/limited-users.js';
import { gatewayVariables, type MemoryGateway, sampleBar, startMemoryGateway } from '../support/memory-gateway.js';
import { connectPlain } from '../support/plain-client.js';
import { startPythonPeer } from '../support/python-peer.js';
import { openRaw } from '../support/redis-layer.js';
import { startRedisServer } from '../support/redis-server.js';
import { startRedisWithUsers } from '../support/redis-users.js';
import { waitFor } from '../support/wait-for.js';

const guide = new URL('../../docs/publishing.md', import.meta.url);
const apiKey = 'correct horse battery';
const env = { API_KEY: apiKey, CHANNELS: 'prices.*,news.*,ticker.mine.*,trade.mine.*' };

type Json = Readonly<Record<string, unknown>>;

const publishTo = async (
  url: string,
  body: object,
  key?: string,
  secret: string = apiKey,
): Promise<{ status: number; body: Json }> => {
  const response = await fetch(`${url}/api/publish`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-API-Key': secret, ...(key && { 'Idempotency-Key': key }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Json };
};
const message = (n: number) => ({ channel: 'news.today', message: { type: 'news.item', n } });

/** A gateway whose channels are described in a file. */
const startWithRules = async (rules: Json): Promise<MemoryGateway> => {
  const folder = mkdtempSync(join(tmpdir(), 'tickwire-channels-'));
  const path = join(folder, 'channels.json');
  writeFileSync(path, JSON.stringify(rules));
  const served = await startMemoryGateway({ env: { API_KEY: apiKey, CHANNELS: path } });
  rmSync(folder, { recursive: true });
  return served;
};

/** A gateway over a Redis that others use too. */
const startOn = async (url: string) => {
  const logger = createLogger('test', 'silent');
  const backend = await openRedisBackend(redisConfig({ REDIS_URL: url }), logger);
  const gateway = await startGateway({ config: gatewayConfig({ ...gatewayVariables, ...env }), logger, ...backend });
  return {
    url: `http://127.0.0.1:${gateway.port}`,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await backend.close();
    },
  };
};

describe('channels of your own', () => {
  it('[G180] a publication has a position, is kept, recovered and followed in every protocol', async () => {
    await using served = await startMemoryGateway({ env });
    using client = await openCentrifuge(served.url);
    await client.connect();
    await client.call({ subscribe: { channel: 'news.today' } });
    using plain = await connectPlain(`${served.url}/ws/prediction/?channels=news.today`);

    const first = await publishTo(served.url, message(1));
    const epoch = (first.body['position'] as Json)['epoch'] as string;
    expect(first).toEqual({
      status: 200,
      body: { channel: 'news.today', replayed: false, position: { epoch, seq: 1 } },
    });
    await waitFor('it to arrive', () => client.pubs('news.today').length === 1 && plain.messages.length === 1);
    expect(plain.messages[0]).toEqual({
      channel: 'news.today',
      type: 'news.item',
      n: 1,
      seq: 1,
      epoch,
      pts: expect.any(Number),
    });
    for (let n = 2; n <= 5; n += 1) await publishTo(served.url, message(n));

    using late = await openCentrifuge(served.url);
    await late.connect();
    const reply = await late.call({ subscribe: { channel: 'news.today', recover: true, epoch, offset: 2 } });
    expect(reply['subscribe']).toMatchObject({
      recovered: true,
      publications: [{ offset: 3 }, { offset: 4 }, { offset: 5 }],
    });
    const history = await fetch(`${served.url}/api/history?channel=news.today&since=${epoch}:3`);
    expect(await history.json()).toMatchObject({ recovered: true, messages: [{ n: 4 }, { n: 5 }] });
    const snapshot = await fetch(`${served.url}/api/snapshot?channels=news.today,prices.none`);
    expect(await snapshot.json()).toMatchObject({ channels: [{ position: { seq: 5 } }, { position: null }] });
  });

  it('[G182] a publication that nobody could follow is rejected with what allows it', async () => {
    await using served = await startMemoryGateway({ env: { API_KEY: apiKey } });
    const answer = await publishTo(served.url, message(1));
    expect(answer).toMatchObject({
      status: 404,
      body: {
        type: 'urn:tickwire:problem:unknown-channel',
        detail: 'news.today is not allowed: to allow it add news.* to CHANNELS on the gateways',
      },
    });
    expect((await served.history.newest(['news.today'], 1))[0]?.position).toBeNull();
  });

  it('[G186] a channel that has a producer takes publications of nobody else, whatever CHANNELS says', async () => {
    await using served = await startMemoryGateway({ env: { ...env, CHANNELS: 'ticker.sim.*' } });
    await served.publish('ticker.sim.BTC-USD', { type: 'price.ticker', venue: 'sim', symbol: 'BTC-USD', last: '1' });
    const forged = { channel: 'ticker.sim.BTC-USD', message: { type: 'price.ticker', last: '5' } };
    expect(await publishTo(served.url, forged)).toMatchObject({
      status: 409,
      body: { type: 'urn:tickwire:problem:has-producer' },
    });
    expect((await served.history.newest(['ticker.sim.BTC-USD'], 1))[0]?.position).toEqual({ epoch: 'e1', seq: 1 });
  });

  it('[G185] a key of a pattern publishes there, and nowhere else', async () => {
    await using served = await startWithRules({ 'news.*': { keys: ['a key of the newsroom'] }, 'prices.*': {} });
    const statusOf = async (key: string, channel: string): Promise<number> =>
      (await publishTo(served.url, { ...message(1), channel }, undefined, key)).status;
    expect(await statusOf('a key of the newsroom', 'news.today')).toBe(200);
    for (const channel of ['prices.a', 'ticker.sim.BTC-USD', 'nowhere']) {
      expect(await statusOf('a key of the newsroom', channel)).toBe(403);
    }
    expect(await statusOf('a key of nobody there', 'news.today')).toBe(401);
    expect(await statusOf(apiKey, 'prices.a')).toBe(200);
  });

  it('[G184] prices are in the catalog of every gateway, also of one that starts later, and reach Django', async () => {
    await using redis = await startRedisServer();
    await using one = await startOn(redis.url);
    await using two = await startOn(redis.url);
    await using django = await startPythonPeer({ hosts: [redis.url] });
    await django.join('ticker.mine.BTC-USD');
    const symbolsOf = async (url: string): Promise<unknown> => (await fetch(`${url}/api/symbols`)).json();
    const price = (symbol: string, last: unknown) => ({
      channel: `ticker.mine.${symbol}`,
      message: { type: 'price.ticker', last },
    });

    const both = [publishTo(one.url, price('BTC-USD', 61_000.5)), publishTo(two.url, price('ETH-USD', '3000.10'))];
    for (const { status } of await Promise.all(both)) expect(status).toBe(200);
    const entries = [
      { venue: 'mine', symbol: 'BTC-USD', own: { ticker: 'ticker.mine.BTC-USD' } },
      { venue: 'mine', symbol: 'ETH-USD', own: { ticker: 'ticker.mine.ETH-USD' } },
    ];
    for (const { url } of [one, two]) {
      await waitFor('both symbols', async () => ((await symbolsOf(url)) as unknown[]).length === 2);
      expect(await symbolsOf(url)).toEqual(expect.arrayContaining(entries));
    }
    await using late = await startOn(redis.url);
    expect(await symbolsOf(late.url)).toEqual(expect.arrayContaining(entries));
    await waitFor('Django', () => django.received.length > 0);
    expect(django.received[0]?.message).toMatchObject({ type: 'price.ticker', last: '61000.5', seq: 1 });
  });

  it('[G187] under one key a publication is made once, whichever gateway the repeats reach at the same time', async () => {
    await using redis = await startRedisServer();
    await using one = await startOn(redis.url);
    await using two = await startOn(redis.url);
    const asked = Array.from({ length: 12 }, (_, index) => publishTo((index % 2 ? one : two).url, message(1), 'a-key'));
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(12).fill(200));
    expect(answers.filter(({ body }) => body['replayed'] === false)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body['position']))).size).toBe(1);
    expect(await publishTo(one.url, message(2), 'a-key')).toMatchObject({ status: 422 });
  });

  it('[G196] with the users of deploy/redis a gateway publishes where it is allowed to, and nowhere else', async () => {
    await using redis = await startRedisWithUsers();
    const operator = await redis.connect('operator');
    const documented = /^\((~tickwire:history:news\.\*.*)\)$/m.exec(await readFile(guide, 'utf8'))?.[1] ?? '';
    await operator.call('ACL', 'SETUSER', loginOf('gateway').username, `(${documented})`);
    operator.disconnect();
    await using gateway = await startOn(redis.urlOf('gateway'));
    expect(await publishTo(gateway.url, message(1), 'a-key')).toMatchObject({ status: 200, body: { replayed: false } });
    expect(await publishTo(gateway.url, message(1), 'a-key')).toMatchObject({ status: 200, body: { replayed: true } });
    expect((await publishTo(gateway.url, { ...message(1), channel: 'prices.a' })).status).toBe(503);
  });

  it('[G195] groups of the default layer of channels_redis in the same Redis are warned of', async () => {
    await using redis = await startRedisServer();
    await using raw = await openRaw(redis.url);
    await raw.redis.zadd('asgi:group:prices', 1, 'specific.abc');
    const lines: string[] = [];
    const logger = {
      ...createLogger('test', 'silent'),
      warn: (_fields: object, text: string) => void lines.push(text),
    };
    const backend = await openRedisBackend(
      redisConfig({ REDIS_URL: urlFor('operator', redis.url) }),
      logger as unknown as Logger,
    );
    await waitFor('the warning', () => lines.length > 0);
    expect(lines).toEqual([expect.stringContaining('RedisPubSubChannelLayer')]);
    await backend.close();
  });

  it('[G242] candles of a channel of trades: folded of those that are kept, or the bars of the producer', async () => {
    const prices = { schema: 'trade', historySize: 5 };
    await using served = await startWithRules({ 'prices.*': prices, 'trade.mine.*': {}, 'news.*': {} });
    const minute = 60_000;
    const start = Math.floor(Date.now() / (5 * minute)) * 5 * minute - 30 * minute;
    const trade = async (channel: string, at: number, price: string, side = 'buy'): Promise<void> => {
      const fields = {
        type: 'price.trade',
        price,
        size: '0.10',
        side,
        ts: start + at,
        venue: 'mine',
        symbol: 'GOLD-USD',
      };
      expect((await publishTo(served.url, { channel, message: fields })).status).toBe(200);
    };
    const candles = async (query: string): Promise<{ status: number; body: Json }> => {
      const response = await fetch(`${served.url}/api/candles?${query}`);
      return { status: response.status, body: (await response.json()) as Json };
    };
    for (const channel of ['prices.gold', 'trade.mine.GOLD-USD']) {
      await trade(channel, 1_000, '10.50');
      await trade(channel, 2_000, '12', 'sell');
      // Late, and in its place all the same.
      await trade(channel, 1_500, '9');
      await trade(channel, 3 * minute, '11');
      const first = { start, end: start + minute, open: '10.50', high: '12', low: '9', close: '12' };
      const sums = {
        volume: '0.3',
        quoteVolume: '3.15',
        takerBuyVolume: '0.2',
        takerBuyQuoteVolume: '1.95',
        trades: 3,
      };
      expect(await candles(`channel=${channel}`)).toEqual({
        status: 200,
        body: {
          channel,
          interval: '1m',
          candles: [
            { ...first, ...sums, closed: true },
            expect.objectContaining({ start: start + 3 * minute, close: '11', trades: 1, closed: true }),
          ],
        },
      });
      expect((await candles(`channel=${channel}&interval=5m&limit=1`)).body['candles']).toEqual([
        expect.objectContaining({ start, end: start + 5 * minute, close: '11', trades: 4 }),
      ]);
    }
    // Five of six are kept. A minute whose beginning is gone is not a candle, unless it is alone: then it says so.
    for (const [at, price] of ['10', '11', '12', '13', '14', '15'].entries()) {
      await trade('prices.silver', Math.floor(at / 3) * minute + at, price);
    }
    expect((await candles('channel=prices.silver')).body['candles']).toMatchObject([
      { start: start + minute, open: '13', close: '15', trades: 3 },
    ]);
    expect((await candles('channel=prices.silver&interval=5m')).body['candles']).toMatchObject([
      { open: '11', close: '15', trades: 5, incomplete: true },
    ]);
    await served.publish('bar-1m.sim.BTC-USD', sampleBar);
    const { start: barStart, open, high, low, close, volume, quoteVolume, trades, closed } = sampleBar;
    const bar = { start: barStart, end: 120_000, open, high, low, close, volume, quoteVolume, trades, closed };
    expect((await candles('channel=trade.sim.BTC-USD')).body['candles']).toEqual([bar]);
    expect((await candles('channel=trade.mine.NONE-USD')).body['candles']).toEqual([]);
    for (const [query, detail] of [
      ['channel=news.today', 'news.today is not a channel of trades'],
      ['channel=ticker.sim.BTC-USD', 'ticker.sim.BTC-USD is not a channel of trades'],
      ['channel=prices.gold&interval=7m', 'interval must be one of those of klines, as 1m'],
      ['channel=prices.gold&limit=0', 'limit must be a whole number from 1 to 1000'],
      ['channel=prices.gold&since=x:1', 'since is unknown: there are channel, interval, limit'],
    ]) {
      expect(await candles(query ?? '')).toMatchObject({ status: 400, body: { detail } });
    }
  });
});
