import { describe, expect, it } from '@jest/globals';
import { closeCodes } from '@tickwire/protocol';
import { follow } from '../support/follower.js';
import { closedAfterEach } from '../support/opened.js';
import { connectPlain } from '../support/plain-client.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTickwire } from '../support/tickwire-process.js';
import { startTroubledLink } from '../support/troubled-link.js';
import { patientMs, waitFor } from '../support/wait-for.js';

const trades = 'trade.sim.BTC-USD';
const market = { SYMBOLS: 'BTC-USD', SIM_RATE: '40' };
const leaseMs = patientMs(900);

const open = closedAfterEach();

describe('processes that lose Redis', () => {
  it('[E41] a leader whose link to Redis is cut, or hangs: a standby follows within LEASE_MS + 1 s, and nothing is missing', async () => {
    await using redis = await startRedisServer();
    const env = { ...market, SIM_BEGAN_MS: String(Date.now()), LEASE_MS: String(leaseMs) };
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
    for (const [trouble, leader, standby] of [
      ['cut', first, second],
      ['hanging', second, first],
    ] as const) {
      const led = timesOf(standby, '"leading"');
      const stood = timesOf(leader, 'standing by');
      const beganMs = performance.now();
      leader.link.set({ kind: trouble === 'cut' ? 'refusing' : 'hanging' });
      if (trouble === 'cut') leader.link.cut();
      await waitFor('the standby to lead', () => timesOf(standby, '"leading"') > led);
      expect(performance.now() - beganMs).toBeLessThan(patientMs(leaseMs + 1_000));
      await client.more(trades, 50);
      leader.link.set({ kind: 'open' });
      await waitFor('the old leader to stand by', () => timesOf(leader, 'standing by') > stood, 20_000);
      await client.more(trades, 50);
    }
    expect(client.violations).toEqual([]);
    expect(client.losses).toEqual([]);
    const ids = client.tradeIds(trades);
    expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index));
  });

  it('[E42] a client that asks meanwhile is sent away to try again, and one line of log is enough for all', async () => {
    await using redis = await startRedisServer();
    const env = { REDIS_URL: redis.url };
    await using producer = await startTickwire('producer', { ...env, ...market });
    await using gateway = await startTickwire('gateway', { ...env, DRAIN_MS: '0' });
    const url = `${gateway.url}/ws/prediction/?channels=`;
    using staying = await connectPlain(`${url}${trades}`);
    await waitFor('trades', () => staying.messages.length > 5);
    await redis.stop('SIGKILL');
    await staying.until('the stale notice', (message) => message['type'] === 'channel.stale');
    for (let count = 0; count < 20; count += 1) {
      // For a channel that is already followed here, what is in memory could be enough.
      const coming = await connectPlain(`${url}bar-1m.sim.BTC-USD&last=1000`);
      expect((await coming.closed).code).toBe(closeCodes.unavailable.code);
    }
    const errors = gateway.output().match(/"level":"error"/g) ?? [];
    expect(errors).toHaveLength(0);
    expect(gateway.output().match(/channel layer lost/g)).toHaveLength(1);
    expect(staying.socket.readyState).toBe(staying.socket.OPEN);
    expect(producer.output()).toContain('leading');
  });
});
