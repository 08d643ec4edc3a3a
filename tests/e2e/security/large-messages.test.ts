import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import { type Follower, follow } from '../../support/follower.js';
import { openRaw } from '../../support/redis-layer.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';
import { startTickwire, type TickwireProcess } from '../../support/tickwire-process.js';
import { waitFor } from '../../support/wait-for.js';

const trades = 'trade.sim.BTC-USD';

describe('another program on the same Redis', () => {
  let redis: RedisServer;
  let server: TickwireProcess;
  let witness: Follower;

  beforeAll(async () => {
    redis = await startRedisServer();
    server = await startTickwire('standalone', { REDIS_URL: redis.url, SIM_RATE: '50' });
    witness = follow(server.url, [trades]);
    await witness.more(trades, 10);
  });
  afterAll(async () => {
    witness[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  it('[L162] publishes messages of any size, and no client gets one or misses a trade', async () => {
    const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key${index}`, index]));
    const payloads = [
      encode({ type: 'price.trade', text: 'x'.repeat(8_000_000) }),
      encode({ type: 'price.trade', ...keys }),
      encode({ type: 'price.trade', list: Array(400_000).fill(1) }),
    ];
    await using other = await openRaw(redis.url);
    for (const payload of payloads) await other.publish(`asgi__group__${trades}`, Buffer.from(payload));
    await witness.more(trades, 50);
    const ids = witness.tradeIds(trades);
    expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index));
    expect(witness.violations).toEqual([]);
    const metrics = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text();
    await waitFor('all of them to be counted', async () =>
      (await metrics()).includes('tickwire_layer_events_total{event="poison"} 3'),
    );
    const lines = server.output().match(/^.*poison message.*$/gm) ?? [];
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"reason":"too-large"');
  });
});
