import { describe, expect, it } from '@jest/globals';
import { isNightly } from '../support/depth.js';
import { type Follower, follow } from '../support/follower.js';
import { connectPlain } from '../support/plain-client.js';
import { openRaw } from '../support/redis-layer.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTrouble } from '../support/trouble.js';
import { waitFor } from '../support/wait-for.js';

const trades = 'trade.sim.BTC-USD';
const tickers = 'ticker.sim.BTC-USD';
const channels = [trades, tickers, 'bar-1s.sim.BTC-USD'];

const epochsOn = (follower: Follower, channel: string): ReadonlySet<string> =>
  new Set([...follower.payloads(channel).keys()].map((position) => position.split(':')[0] ?? ''));

const typesOf = (follower: Follower, channel: string): readonly string[] =>
  follower.notices(channel).map(({ type }) => type);

/** From the first on each trade once: what the simulator numbered without holes came without holes. */
const expectEveryTrade = (follower: Follower): void => {
  const ids = follower.tradeIds(trades);
  expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index));
};

/** From the first on each trade, some of them more than once. */
const expectNoTradeMissing = (follower: Follower): void => {
  const ids = [...new Set(follower.tradeIds(trades))].sort((a, b) => a - b);
  expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index));
};

const expectNothingLost = async (follower: Follower): Promise<void> => {
  // What waited for Redis comes at once, and a bar takes its second.
  await waitFor('each channel', () => channels.every((channel) => epochsOn(follower, channel).size > 0));
  expect(follower.violations).toEqual([]);
  expect(follower.losses).toEqual([]);
  expect(follower.isConnected).toBe(true);
  expectEveryTrade(follower);
  for (const channel of channels) expect(epochsOn(follower, channel).size).toBe(1);
};

describe('Redis trouble', () => {
  it.each(isNightly ? (['SIGTERM', 'SIGKILL'] as const) : (['SIGKILL'] as const))(
    '[E34] a restart (%s) of a Redis that keeps its data: stale, live, and nothing is missing',
    async (signal) => {
      await using redis = await startRedisServer({ args: ['--appendonly', 'yes'] });
      await using trouble = await startTrouble({ redisUrl: redis.url, producers: 2 });
      using client = follow(trouble.gateways[0]?.url ?? '', channels);
      await client.more(trades, 50);
      await redis.stop(signal);
      await client.untilNotified(trades, 'channel.stale');
      await waitFor('something to wait for Redis', () => (trouble.leader()?.buffered ?? 0) > 50);
      await redis.start();
      await client.untilNotified(trades, 'channel.live');
      await client.more(trades, 100);
      await expectNothingLost(client);
      for (const channel of channels) expect(typesOf(client, channel)).toEqual(['channel.stale', 'channel.live']);
    },
  );

  it('[E34] a restart of a Redis that forgets: one loss is reported, every trade comes all the same', async () => {
    await using redis = await startRedisServer();
    await using trouble = await startTrouble({ redisUrl: redis.url, producers: 2 });
    using client = follow(trouble.gateways[0]?.url ?? '', channels);
    await client.more(trades, 50);
    const leader = trouble.leader();
    // Killed at once, it may have answered the producer and not have written to the subscribers yet.
    await redis.stop('SIGTERM');
    await client.untilNotified(trades, 'channel.stale');
    await waitFor('something to wait for Redis', () => trouble.producers.every(({ buffered }) => buffered > 50));
    await redis.start();
    for (const channel of [trades, tickers]) await client.untilNotified(channel, 'channel.lost');
    await client.more(trades, 100);
    expect(client.violations).toEqual([]);
    // A machine may be so busy that the leader reaches Redis seconds after the standby, which repeats what only the leader
    // knew to be published.
    if (trouble.leader() === leader) expectEveryTrade(client);
    else expectNoTradeMissing(client);
    for (const channel of [trades, tickers]) {
      expect(typesOf(client, channel).filter((type) => type === 'channel.lost')).toHaveLength(1);
      expect(epochsOn(client, channel).size).toBe(2);
    }
  });

  it('[E35] connections that are killed again and again: nothing is missing', async () => {
    await using redis = await startRedisServer();
    await using raw = await openRaw(redis.url);
    await using trouble = await startTrouble({ redisUrl: redis.url, producers: 2 });
    using client = follow(trouble.gateways[0]?.url ?? '', channels);
    await client.more(trades, 10);
    for (let round = 0; round < (isNightly ? 12 : 4); round += 1) {
      await raw.redis.call('CLIENT', 'KILL', 'TYPE', round % 2 === 0 ? 'pubsub' : 'normal', 'SKIPME', 'yes');
      await client.more(trades, 20);
    }
    await waitFor('the last notice to be live', () => typesOf(client, trades).at(-1) === 'channel.live');
    await expectNothingLost(client);
  });

  it('[E38] a Redis that hangs: clients stay and are notified, and nothing is missing when it wakes up', async () => {
    await using redis = await startRedisServer();
    await using trouble = await startTrouble({ redisUrl: redis.url });
    using client = follow(trouble.gateways[0]?.url ?? '', channels);
    await client.more(trades, 50);
    process.kill(redis.pid, 'SIGSTOP');
    await client.untilNotified(trades, 'channel.stale', 20_000);
    process.kill(redis.pid, 'SIGCONT');
    await client.untilNotified(trades, 'channel.live');
    await client.more(trades, 100);
    await expectNothingLost(client);
  });

  it('[G14] a channel that cannot be followed while Redis is away is refused, and everything else goes on', async () => {
    await using redis = await startRedisServer({ args: ['--appendonly', 'yes'] });
    await using trouble = await startTrouble({ redisUrl: redis.url });
    using client = await connectPlain(`${trouble.gateways[0]?.url}/ws/prediction/?channels=${trades}`);
    await client.until('a trade', ({ type }) => type === 'price.trade');
    await redis.stop();
    await client.until('its end', ({ type }) => type === 'channel.stale');
    client.socket.send(JSON.stringify({ subscribe: ['bar-1m.sim.BTC-USD'] }));
    const { reason } = await client.until('a refusal', ({ type }) => type === 'channel.refused');
    expect(reason).toBe('Redis is unreachable: try again');
    await redis.start();
    await client.until('its return', ({ type }) => type === 'channel.live');
    client.socket.send(JSON.stringify({ subscribe: ['bar-1m.sim.BTC-USD'] }));
    await client.until('the channel', ({ type }) => type === 'channel.subscribed');
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it('[L176] a password that was changed is the reason gateways give, in place of the end of their connections', async () => {
    await using redis = await startRedisServer({ args: ['--requirepass', 'first'] });
    const redisUrl = redis.url.replace('//', '//:first@');
    await using raw = await openRaw(redisUrl);
    await using trouble = await startTrouble({ redisUrl });
    const url = trouble.gateways[0]?.url ?? '';
    using client = follow(url, channels);
    await client.more(trades, 10);
    await raw.redis.config('SET', 'requirepass', 'second');
    for (const kind of ['pubsub', 'normal']) await raw.redis.call('CLIENT', 'KILL', 'TYPE', kind, 'SKIPME', 'yes');
    await waitFor('the reason', async () =>
      /lost: .*wrong username or password/.test(await (await fetch(`${url}/readyz`)).text()),
    );
    await raw.redis.config('SET', 'requirepass', 'first');
    await client.untilNotified(trades, 'channel.live');
    await client.more(trades, 50);
    await expectNothingLost(client);
    await waitFor('the gateway to be ready', async () => (await fetch(`${url}/readyz`)).status === 200);
  });

  it('[E39] a Redis at maxmemory: what cannot be written waits, and follows in order', async () => {
    await using redis = await startRedisServer();
    await using raw = await openRaw(redis.url);
    await using trouble = await startTrouble({ redisUrl: redis.url, producers: 2 });
    using client = follow(trouble.gateways[0]?.url ?? '', channels);
    await client.more(trades, 50);
    await raw.redis.config('SET', 'maxmemory', '100kb');
    await waitFor('something to wait for Redis', () => (trouble.leader()?.buffered ?? 0) > 100);
    expect(client.isConnected).toBe(true);
    await raw.redis.config('SET', 'maxmemory', '0');
    await client.more(trades, 100);
    await expectNothingLost(client);
  });

  it('[P122] [G400] a key of another type, or a fence that somebody raised, stops one channel, and no other, and its clients are notified', async () => {
    await using redis = await startRedisServer();
    await using raw = await openRaw(redis.url);
    // A lease longer than a busy machine holds a leader up, so that nothing but the fence could depose it.
    const variables = { LEASE_MS: '60000' };
    await using trouble = await startTrouble({ redisUrl: redis.url, producers: 2, variables });
    using client = follow(trouble.gateways[0]?.url ?? '', channels);
    await client.more(trades, 10);
    const leader = trouble.leader();
    for (const [command, ...args] of [
      ['SET', 'x'],
      ['HSET', 'fence', '9000000000000000'],
    ] as const) {
      await raw.redis.call(command, `tickwire:position:${tickers}`, ...args);
      await waitFor('the channel to be set aside', () => leader?.setAside().has(tickers));
      await client.more(trades, 100);
      await waitFor('the notice', () => typesOf(client, tickers).at(-1) === 'channel.stale');
      expect(trouble.leader()).toBe(leader);
      expect([...(leader?.setAside().keys() ?? [])]).toEqual([tickers]);

      await raw.redis.del(`tickwire:position:${tickers}`);
      await client.more(tickers, 10);
      expect(leader?.setAside().size).toBe(0);
      await waitFor('the notice', () => typesOf(client, tickers).at(-1) === 'channel.live');
    }
    expect(client.violations).toEqual([]);
    expect(typesOf(client, trades)).toEqual([]);
    expectEveryTrade(client);
  });

  it('[E40] a producer’s buffer that overflows keeps the newest, counts the others, and clients are notified of each hole once', async () => {
    await using redis = await startRedisServer({ args: ['--appendonly', 'yes'] });
    await using trouble = await startTrouble({ redisUrl: redis.url, variables: { MAX_BUFFERED: '200' } });
    const [producer] = trouble.producers;
    using client = follow(trouble.gateways[0]?.url ?? '', [trades]);
    await client.more(trades, 50);
    // On a busy machine so small a buffer may have overflowed before.
    const overflowedBefore = producer?.counters().overflowed ?? 0;
    await redis.stop();
    await waitFor('the buffer to overflow', () => (producer?.counters().overflowed ?? 0) > overflowedBefore + 200);
    const newest = client.tradeIds(trades).at(-1) ?? 0;
    await redis.start();
    await client.untilNotified(trades, 'channel.live');
    await client.more(trades, 250);
    expect(client.violations).toEqual([]);
    const ids = client.tradeIds(trades);
    const behindHoles = ids.flatMap((id, index) => (index > 0 && id !== (ids[index - 1] ?? 0) + 1 ? [id] : []));
    const losses = typesOf(client, trades).filter((type) => type === 'channel.lost');
    // One, unless the buffer overflows more often: each hole is reported once.
    expect(losses.length).toBeGreaterThan(0);
    expect(losses).toHaveLength(behindHoles.length);
    expect(epochsOn(client, trades).size).toBe(losses.length + 1);
    expect(behindHoles.at(-1)).toBeGreaterThan(newest);
    const count = behindHoles.reduce((sum, id) => sum + id - (ids[ids.indexOf(id) - 1] ?? 0) - 1, 0);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(producer?.counters().overflowed ?? 0);
  });
});
