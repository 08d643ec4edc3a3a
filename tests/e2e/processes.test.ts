import { describe, expect, it } from '@jest/globals';
import { closedAfterEach } from '../support/opened.js';
import { connectPlain, type PlainClient } from '../support/plain-client.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTickwire } from '../support/tickwire-process.js';
import { patientMs, waitFor } from '../support/wait-for.js';

const kinds = ['trade', 'ticker', 'bar-1s', 'bar-1m'];
const symbols = ['BTC-USD', 'ETH-USD'];
const channels = symbols.flatMap((symbol) => kinds.map((kind) => `${kind}.sim.${symbol}`));

const on = (client: PlainClient, channel: string): Readonly<Record<string, unknown>>[] =>
  client.messages.filter((message) => message['channel'] === channel);

/** Without the updates of open bars, which have no position. */
const placedOn = (client: PlainClient, channel: string): Readonly<Record<string, unknown>>[] =>
  on(client, channel).filter(({ seq }) => seq !== undefined);

const seqOf = (message: Readonly<Record<string, unknown>> | undefined): number => Number(message?.['seq']);

/** Every message follows the one before it, in one epoch, and time never goes back. */
const expectUnbroken = (messages: PlainClient['messages']): void => {
  const first = seqOf(messages[0]);
  expect(messages.map(seqOf)).toEqual(messages.map((_, index) => first + index));
  expect(new Set(messages.map((message) => message['epoch'])).size).toBe(1);
  const times = messages.map((message) => Number(message['ts']));
  expect(times).toEqual([...times].sort((a, b) => a - b));
};

const open = closedAfterEach();

/** A leader, a standby and a client that has trades of the leader. */
const startPair = async () => {
  const redis = open(await startRedisServer());
  const env = { REDIS_URL: redis.url, SYMBOLS: 'BTC-USD', SIM_RATE: '40', LEASE_MS: String(patientMs(600)) };
  const leader = open(await startTickwire('producer', env));
  const standby = open(await startTickwire('producer', env));
  const gateway = open(await startTickwire('gateway', { REDIS_URL: redis.url, DRAIN_MS: '0' }));
  const client = open(await connectPlain(`${gateway.url}/ws/prediction/?channels=trade.sim.BTC-USD`));
  await waitFor('trades of the leader', () => client.messages.length > 20);
  return { leader, standby, client };
};

describe('separate processes over Redis', () => {
  it('[E8] trades, tickers and both bars of every symbol: the same in the same order on every gateway', async () => {
    await using redis = await startRedisServer();
    const REDIS_URL = redis.url;
    await using producer = await startTickwire('producer', { REDIS_URL, SYMBOLS: symbols.join(), SIM_RATE: '40' });
    await using first = await startTickwire('gateway', { REDIS_URL, DRAIN_MS: '0' });
    await using second = await startTickwire('gateway', { REDIS_URL, DRAIN_MS: '0' });
    using one = await connectPlain(`${first.url}/ws/prediction/?channels=${channels.join()}&last=5`);
    using two = await connectPlain(`${second.url}/ws/prediction/?channels=${channels.join()}&last=5`);
    const clients = [one, two];
    await waitFor('something on every channel of both', () =>
      clients.every((client) =>
        channels.every((channel) => on(client, channel).length >= (channel.startsWith('trade') ? 50 : 2)),
      ),
    );
    for (const channel of channels) {
      // They joined at different moments: from the later beginning to the earlier end they must be equal.
      const from = Math.max(...clients.map((client) => seqOf(placedOn(client, channel)[0])));
      const to = Math.min(...clients.map((client) => seqOf(placedOn(client, channel).at(-1))));
      const [mine, theirs] = clients.map((client) =>
        placedOn(client, channel).filter((message) => seqOf(message) >= from && seqOf(message) <= to),
      );
      expect(mine).toEqual(theirs);
      expect(mine?.map(seqOf)).toEqual(Array.from({ length: to - from + 1 }, (_, index) => from + index));
    }
    expect(producer.output()).toContain('leading');
  });

  it('[E9] [E10] a leader that was stopped and wakes up late stands by, and takes over when the next one is killed', async () => {
    const { leader, standby, client } = await startPair();
    const more = async (what: string): Promise<void> => {
      const before = client.messages.length;
      await waitFor(what, () => client.messages.length > before + 20);
    };
    expect(standby.output()).not.toContain('leading');
    leader.kill('SIGSTOP');
    await waitFor('the standby to lead', () => standby.output().includes('leading'));
    await more('trades of the standby');
    leader.kill('SIGCONT');
    await waitFor('the old leader to stand by', () => leader.output().includes('standing by'));
    await more('trades to go on');
    await standby.stop('SIGKILL');
    await more('trades of the first again');
    expect(leader.output().match(/"leading"/g)).toHaveLength(2);
    expectUnbroken(client.messages);
  });

  it('[E11] Redis restarted without persistence: clients stay, are notified of what is lost, and prices go on', async () => {
    await using redis = await startRedisServer();
    const env = { REDIS_URL: redis.url, SYMBOLS: 'BTC-USD', SIM_RATE: '40' };
    await using producer = await startTickwire('producer', env);
    await using gateway = await startTickwire('gateway', { REDIS_URL: redis.url, DRAIN_MS: '0' });
    using client = await connectPlain(`${gateway.url}/ws/prediction/?channels=trade.sim.BTC-USD`);
    await waitFor('trades', () => client.messages.length > 20);
    await redis.stop('SIGKILL');
    await client.until('the stale notice', (message) => message['type'] === 'channel.stale');
    await redis.start();
    const live = await client.until('the live notice', (message) => message['type'] === 'channel.live');
    const trades = (): Readonly<Record<string, unknown>>[] =>
      client.messages.slice(client.messages.indexOf(live)).filter((message) => message['type'] === 'price.trade');
    await waitFor('trades after it', () => trades().length > 20);
    expect(client.messages.filter((message) => message['type'] === 'channel.lost')).toHaveLength(1);
    const epochs = [...new Set(client.messages.flatMap((message) => message['epoch'] ?? []))];
    expect(epochs).toHaveLength(2);
    for (const epoch of epochs) {
      const seqs = client.messages.filter((message) => message['epoch'] === epoch).map(seqOf);
      expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
    }
    // What came while Redis was away was kept and published: only history itself was lost, no trade.
    const ids = client.messages.flatMap((message) => (message['id'] === undefined ? [] : [Number(message['id'])]));
    expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index));
    expect(producer.output()).toContain('history lost');
  });
});
