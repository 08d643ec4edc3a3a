import { describe, expect, it } from '@jest/globals';
import { closeCodes } from '@tickwire/protocol';
import { follow } from '../support/follower.js';
import { closedAfterEach } from '../support/opened.js';
import { connectPlain, type PlainClient } from '../support/plain-client.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTickwire } from '../support/tickwire-process.js';
import { startTroubledLink } from '../support/troubled-link.js';
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

const trades = 'trade.sim.BTC-USD';
const leaseMs = patientMs(900);

interface Published {
  readonly epoch: string;
  readonly ts: number;
}

const open = closedAfterEach();

describe('separate processes over Redis', () => {
  it('[E8] [E11] [E42] every channel is the same on every gateway; when Redis restarts empty clients stay, are notified of what is lost, and prices go on; who asks meanwhile is to come again', async () => {
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

    using client = await connectPlain(`${first.url}/ws/prediction/?channels=trade.sim.BTC-USD`);
    await waitFor('trades', () => client.messages.length > 20);
    await redis.stop('SIGKILL');
    await client.until('the stale notice', (message) => message['type'] === 'channel.stale');
    for (let count = 0; count < 20; count += 1) {
      // For a channel that is already followed here, what is in memory could be enough.
      const coming = await connectPlain(`${first.url}/ws/prediction/?channels=bar-1m.sim.BTC-USD&last=1000`);
      expect((await coming.closed).code).toBe(closeCodes.unavailable.code);
    }
    // One line of the log is enough for all.
    expect(first.output()).not.toContain('"level":"error"');
    expect(first.output().match(/channel layer lost/g)).toHaveLength(1);
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
    await waitFor('its line', () => producer.output().includes('history lost'));
  });

  it('[E9] [E10] [E41] a standby follows a leader whose link to Redis is cut or hangs within LEASE_MS + 1 s, one that was stopped, and one that is killed: nothing is missing', async () => {
    await using redis = await startRedisServer();
    const env = { SYMBOLS: 'BTC-USD', SIM_RATE: '40', SIM_BEGAN_MS: String(Date.now()), LEASE_MS: String(leaseMs) };
    const startLinked = async () => {
      const link = open(await startTroubledLink(redis.port));
      const producer = open(await startTickwire('producer', { ...env, REDIS_URL: `redis://127.0.0.1:${link.port}` }));
      return { link, ...producer };
    };
    const [first, second] = [await startLinked(), await startLinked()];
    const standbyFromMs = Date.now();
    await using gateway = await startTickwire('gateway', { REDIS_URL: redis.url, DRAIN_MS: '0' });
    using client = follow(gateway.url, [trades]);
    await client.more(trades, 20);
    // One that came late lets others go first; by then it is a standby as any.
    await waitFor('the standby to have stood by', () => Date.now() - standbyFromMs > 2 * leaseMs, 20_000);

    /** How often a producer wrote this so far. */
    const timesOf = ({ output }: { readonly output: () => string }, words: string): number =>
      output().split(words).length - 1;
    const troubles = {
      cut: ({ link }: typeof first) => {
        link.set({ kind: 'refusing' });
        link.cut();
      },
      hanging: ({ link }: typeof first) => link.set({ kind: 'hanging' }),
      stopped: (leader: typeof first) => leader.kill('SIGSTOP'),
    } as const;
    for (const [trouble, leader, standby] of [
      ['cut', first, second],
      ['hanging', second, first],
      ['stopped', first, second],
    ] as const) {
      const led = timesOf(standby, '"leading"');
      const stood = timesOf(leader, 'standing by');
      const beganMs = performance.now();
      troubles[trouble](leader);
      await waitFor('the standby to lead', () => timesOf(standby, '"leading"') > led);
      if (trouble !== 'stopped') expect(performance.now() - beganMs).toBeLessThan(patientMs(leaseMs + 1_000));
      await client.more(trades, 20);
      leader.link.set({ kind: 'open' });
      leader.kill('SIGCONT');
      await waitFor('the old leader to stand by', () => timesOf(leader, 'standing by') > stood, 20_000);
      await client.more(trades, 20);
    }
    const led = timesOf(first, '"leading"');
    await second.stop('SIGKILL');
    await waitFor('the first to lead again', () => timesOf(first, '"leading"') > led, 20_000);
    await client.more(trades, 20);
    expect(client.violations).toEqual([]);
    expect(client.losses).toEqual([]);
    const ids = client.tradeIds(trades);
    expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index));
    const published = [...client.payloads(trades).values()].map((text) => JSON.parse(text) as Published);
    expect(new Set(published.map(({ epoch }) => epoch)).size).toBe(1);
    const times = published.map(({ ts }) => ts);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});
