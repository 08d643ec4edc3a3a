import { describe, expect, it } from '@jest/globals';
import { createScope } from '@tickwire/runtime';
import { check, startStandalone } from '@tickwire/standalone';
import { freePort } from '../support/free-port.js';
import { gatewayVariables } from '../support/memory-gateway.js';
import { connectPlain } from '../support/plain-client.js';
import { openRaw } from '../support/redis-layer.js';
import { startRedisServer } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';

/** A lease that no busy machine loses: who closes gives it back, so that nobody waits for its end. */
const lease = { LEASE_MS: '30000' };
const market = { SYMBOLS: 'BTC-USD', SIM_RATE: '40', SIM_PAST_MINUTES: '2' };
const variables = { ...gatewayVariables, LOG_LEVEL: 'silent', ...market, ...lease };

const start = async (more: Readonly<Record<string, string>> = {}) => {
  const scope = createScope();
  const { port } = await startStandalone({ ...variables, ...more }, scope).catch(async (error: unknown) => {
    await scope.close();
    throw error;
  });
  return { port, close: scope.close, [Symbol.asyncDispose]: scope.close };
};

const tradesOf = (port: number) => connectPlain(`http://127.0.0.1:${port}/ws/prediction/?channels=trade.sim.BTC-USD`);

const isTrade = (message: Readonly<Record<string, unknown>>): boolean => message['type'] === 'price.trade';

describe('producer and gateway in one process', () => {
  it('[E110] with REDIS_URL a second start stands by and shows the prices of the first, then goes on in their place', async () => {
    await using redis = await startRedisServer();
    await using first = await start({ REDIS_URL: redis.url });
    await using second = await start({ REDIS_URL: redis.url });
    using one = await tradesOf(first.port);
    using two = await tradesOf(second.port);
    const seen = await two.until('a trade', isTrade);
    expect(await one.until('the same one', ({ seq }) => seq === seen['seq'])).toEqual(seen);
    await first.close();
    const last = Number(two.messages.at(-1)?.['seq']);
    const next = await two.until('trades of the second', ({ seq }) => Number(seq) > last + 20);
    expect(next['epoch']).toBe(seen['epoch']);
    const numbers = two.messages.filter(isTrade).map(({ seq }) => Number(seq));
    expect(numbers).toEqual(numbers.map((_, at) => Number(numbers[0]) + at));
  });

  it('[E112] HEALTH_PORT is asked for by nobody who did not set it; one that is taken is named', async () => {
    await using first = await start();
    await using second = await start({ HEALTH_PORT: '0' });
    expect(second.port).not.toBe(first.port);
    await expect(start({ HEALTH_PORT: String(first.port) })).rejects.toThrow(
      `HEALTH_PORT ${first.port} on 127.0.0.1 is already in use`,
    );
  });

  it('[E114] check says what a start would do, and leaves nothing behind', async () => {
    await using redis = await startRedisServer();
    const said: string[] = [];
    const environment = { ...variables, REDIS_URL: redis.url, SYMBOLS: '', HISTORY_MEMORY_MB: '10', HEALTH_PROT: '1' };
    await check({ ...environment, GATEWAY_WORKERS: '3' }, (line) => void said.push(line));
    expect(said).toEqual([
      expect.stringMatching(/^HEALTH_PROT is not .*: did you mean HEALTH_PORT\?$/),
      'backend: Redis answers; keys begin with tickwire:, groups with asgi; no producer leads, so this one would',
      expect.stringMatching(
        /^feed: simulated, sim BTC-USD, .* sim ADA-USD\nhistory: \d+ channels in 10 MB of HISTORY_MEMORY_MB=10, \d+ % of the \d+ MB wanted$/,
      ),
      'workers: none here; a gateway of its own (npm run gateway) would start 3, GATEWAY_WORKERS=3',
      'access: AUTH is off; PORT speaks plain HTTP',
      'ports: PORT 0 on 127.0.0.1',
    ]);
    await using raw = await openRaw(redis.url);
    expect(await raw.redis.keys('*')).toEqual([]);
  });

  it('[E114] [P120] check says that the memory for history is that of one part', async () => {
    const said: string[] = [];
    await check({ ...variables, PRODUCER_NAME: 'kraken' }, (line) => void said.push(line));
    expect(said.join('\n')).toMatch(
      /HISTORY_MEMORY_MB=384, .*, for the part kraken alone: every PRODUCER_NAME takes its own beside it$/m,
    );
  });

  it('[E114] check reads keys and certificates, and sees that two variables name one port', async () => {
    const port = String(await freePort());
    const files = { TLS_CERT_FILE: '/nowhere.pem', TLS_KEY_FILE: '/nowhere.pem' };
    await expect(check({ ...variables, ...files }, () => {})).rejects.toThrow(
      'TLS_CERT_FILE is "/nowhere.pem", but that file cannot be read: ENOENT',
    );
    await expect(check({ ...variables, PORT: port, HEALTH_PORT: port }, () => {})).rejects.toThrow(
      `HEALTH_PORT and PORT are both ${port}: each needs a port of its own`,
    );
    const key = { ...variables, AUTH: 'jwt', AUTH_JWT_PUBLIC_KEY: 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A' };
    await expect(check(key, () => {})).rejects.toThrow('AUTH_JWT_PUBLIC_KEY must be a public key in PEM');
  });

  it('[E114] check warns of what other programs call things, of seconds for milliseconds, and of too little memory', async () => {
    const said: string[] = [];
    const environment = { REDIS_HOST: 'redis', DRAIN_MS: '20', MAX_RSS_MB: '2', FEED: 'Simulated' };
    await check({ ...variables, ...environment }, (line) => void said.push(line));
    expect(said.slice(0, 3)).toEqual([
      'REDIS_HOST is not a known variable: REDIS_URL has host, user, password and database in one',
      'DRAIN_MS is 20 milliseconds, and 10000 by default: 20 seconds are 20000',
      'MAX_RSS_MB is 2, less than a gateway takes for itself: nobody would be let in',
    ]);
  });

  it('[E114] check says which venue does not answer', async () => {
    const said: string[] = [];
    const nowhere = { KRAKEN_REST_URL: 'http://127.0.0.1:1', KRAKEN_WS_URL: 'ws://127.0.0.1:1' };
    const environment = { ...variables, ...nowhere, FEED: 'kraken', SIM_RATE: '', SIM_PAST_MINUTES: '' };
    await check(environment, (line) => void said.push(line));
    expect(said.join('\n')).toMatch(/^kraken: listing out of reach: .*127\.0\.0\.1/m);
  });

  it('[E114] check names a leader, and all that keeps a start from succeeding', async () => {
    await using redis = await startRedisServer();
    await using first = await start({ REDIS_URL: redis.url });
    const said: string[] = [];
    const PORT = String(first.port);
    const taken = check({ ...variables, REDIS_URL: redis.url, PORT }, (line) => void said.push(line));
    await expect(taken).rejects.toThrow(`PORT ${PORT} on 127.0.0.1 is already in use`);
    expect(said[0]).toMatch(/; \S+:\d+ leads, so this producer would stand by$/);
    expect(said).toHaveLength(4);
    const nothing = {
      ...variables,
      PORT,
      REDIS_URL: 'redis://127.0.0.1:1',
      FEED: 'replay',
      REPLAY_FILE: 'nowhere.csv',
    };
    await expect(check(nothing, () => {})).rejects.toThrow(/127\.0\.0\.1:1.*\n.*nowhere\.csv.*\nPORT/);
  });

  it('[P180] two parts publish side by side, and every gateway has the symbols of both', async () => {
    await using redis = await startRedisServer();
    const REDIS_URL = redis.url;
    await using first = await start({ REDIS_URL, PRODUCER_NAME: 'one', SYMBOLS: 'BTC-USD' });
    await using second = await start({ REDIS_URL, PRODUCER_NAME: 'two', SYMBOLS: 'ETH-USD' });
    for (const { port } of [first, second]) {
      await waitFor('both in the catalog', async () => {
        const symbols = (await (await fetch(`http://127.0.0.1:${port}/api/symbols`)).json()) as { symbol: string }[];
        return symbols.map(({ symbol }) => symbol).join() === 'BTC-USD,ETH-USD';
      });
      using client = await connectPlain(
        `http://127.0.0.1:${port}/ws/prediction/?channels=trade.sim.BTC-USD,trade.sim.ETH-USD`,
      );
      for (const symbol of ['BTC-USD', 'ETH-USD'])
        await client.until(`trades of ${symbol}`, (message) => isTrade(message) && message['symbol'] === symbol);
    }
  });

  it('[P181] a standby with another feed is ready and says how it differs; one with the same feed says nothing', async () => {
    await using redis = await startRedisServer();
    const REDIS_URL = redis.url;
    await using _leader = await start({ REDIS_URL });
    const readyOf = async (SYMBOLS: string) => {
      const HEALTH_PORT = String(await freePort());
      await using _standby = await start({ REDIS_URL, SYMBOLS, HEALTH_PORT });
      const ask = async () =>
        (await (await fetch(`http://127.0.0.1:${HEALTH_PORT}/readyz`)).json()) as {
          ready: boolean;
          notes: string[];
          streams: object;
        };
      await waitFor('all streams to be live', async () => JSON.stringify((await ask()).streams).includes('"others":0'));
      const { ready, notes } = await ask();
      return { ready, notes };
    };
    expect(await readyOf('BTC-USD,ETH-USD')).toEqual({
      ready: true,
      notes: ['the feed is not that of the leader: with sim ETH-USD'],
    });
    expect(await readyOf('BTC-USD')).toEqual({ ready: true, notes: [] });
  });
});
