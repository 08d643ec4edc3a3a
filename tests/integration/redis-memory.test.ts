import { describe, expect, test } from '@jest/globals';
import { type AppendResult, createRetention } from '@tickwire/channel-layer';
import { batchOf, seqsOf } from '@tickwire/channel-layer/testing';
import { createLogger } from '@tickwire/runtime';
import { createHistoryPlan } from '../../apps/producer/src/publish/history-plan.js';
import { marketMinute } from '../support/market-hour.js';
import { openRedisHistory } from '../support/redis-history.js';
import { startRedisServer } from '../support/redis-server.js';

const mib = 2 ** 20;
const startFullServer = () => startRedisServer({ args: ['--maxmemory-policy', 'noeviction'] });
const usedMemory = (info: string): number => Number(/used_memory:(\d+)/.exec(info)?.[1]);
const outcomes = (results: readonly AppendResult[]): string[] => results.map(({ outcome }) => outcome);

describe('the memory of history', () => {
  // In full: redis-memory.nightly.test.ts.
  test('[P120] what 500 symbols publish fits into 512 MB: the hundredth part of both, each history full twice', async () => {
    await using server = await startFullServer();
    const symbols = Array.from({ length: 5 }, (_, index) => `COIN${index}-USDT`);
    const plan = createHistoryPlan({ memoryMb: 3.84, logger: createLogger('test', 'silent') });
    plan.divide(symbols.length);
    await using harness = await openRedisHistory(server.port, { retention: plan.retention });
    const { history, redis } = harness;
    const empty = usedMemory(await redis.info('memory'));
    await redis.config('SET', 'maxmemory', String(empty + Math.floor(5.12 * mib)));
    for (let minute = 0; minute < 8; minute += 1) {
      for (const batches of marketMinute(symbols, minute)) {
        expect(outcomes(await history.append(batches, 1))).toEqual(batches.map(() => 'appended'));
      }
    }
    expect(usedMemory(await redis.info('memory')) - empty).toBeLessThan(3.84 * mib);
    expect(plan.retention.reductions).toBe(0);
    const [trades] = await history.newest(['trade.binance.COIN0-USDT'], 10_000);
    expect(trades?.messages.length).toBeGreaterThan(500);
  });

  test('[H51] when Redis is full the oldest history goes, and the same append then finds room', async () => {
    await using server = await startFullServer();
    const reported: boolean[] = [];
    const retention = createRetention({
      boundsOf: () => ({ entries: 4_000, bytes: Number.POSITIVE_INFINITY, ttlMs: 60_000 }),
      onReduced: (isReduced) => reported.push(isReduced),
    });
    await using harness = await openRedisHistory(server.port, { retention });
    const { history, redis } = harness;
    await history.append([batchOf('quotes', 'e1', 1, 4_000), batchOf('trades', 'e1', 1, 4_000)], 1);
    await redis.config('SET', 'maxmemory', String(usedMemory(await redis.info('memory')) - 1_000));

    const call = [batchOf('quotes', 'e1', 4_001, 1), batchOf('trades', 'e1', 4_001, 1)];
    await expect(history.append(call, 1)).rejects.toMatchObject({ code: 'REDIS_OUT_OF_MEMORY' });
    expect(outcomes(await history.append(call, 1))).toEqual(['appended', 'appended']);
    for (const { messages } of await history.newest(['quotes', 'trades'], 10_000)) {
      expect(seqsOf(messages)).toEqual(Array.from({ length: 3_000 }, (_, index) => 1_002 + index));
    }
    expect(retention.reductions).toBe(1);
    expect(reported).toEqual([true]);
  });

  test('[H50] of larger messages fewer are kept, and each group has its own time', async () => {
    await using server = await startRedisServer();
    const retention = createRetention({
      boundsOf: (group) => ({ entries: 500, bytes: 50_000, ttlMs: group === 'short' ? 5_000 : 3_600_000 }),
    });
    await using harness = await openRedisHistory(server.port, { retention });
    const { history, redis, prefix } = harness;
    await history.append([batchOf('short', 'e1', 1, 600)], 1);
    const large = Array.from({ length: 600 }, (_, index) => ({
      type: 'a',
      seq: index + 1,
      epoch: 'e1',
      body: 'x'.repeat(1_000),
    }));
    await history.append([{ group: 'large', epoch: 'e1', firstSeq: 1, messages: large }], 1);
    expect(await redis.xlen(`${prefix}:history:short`)).toBe(500);
    const kept = await redis.xlen(`${prefix}:history:large`);
    expect(kept).toBeGreaterThan(30);
    expect(kept).toBeLessThan(50);
    expect(await redis.memory('USAGE', `${prefix}:history:large`, 'SAMPLES', 0)).toBeLessThan(60_000);
    expect(await redis.pttl(`${prefix}:history:short`)).toBeLessThanOrEqual(5_000);
    expect(await redis.pttl(`${prefix}:history:large`)).toBeGreaterThan(3_600_000);
  });

  test('[H52] an append of one message costs four commands; times to live are set again once a minute', async () => {
    await using server = await startRedisServer();
    let nowMs = 0;
    await using harness = await openRedisHistory(server.port, { now: () => nowMs });
    const { history, redis, prefix } = harness;
    await history.append([batchOf('quotes', 'e1', 1, 1)], 1);
    const append = async (seq: number): Promise<readonly string[]> => {
      await redis.config('RESETSTAT');
      await history.append([batchOf('quotes', 'e1', seq, 1)], 1);
      const calls = [...(await redis.info('commandstats')).matchAll(/cmdstat_(\w+):calls=(\d+)/g)];
      return calls.flatMap(([, name = '', count]) => Array.from({ length: Number(count) }, () => name)).sort();
    };
    const around = ['config|resetstat', 'evalsha'];
    const bare = (names: readonly string[]): string[] =>
      names.filter((name) => !['config', 'info', ...around].includes(name));
    expect(bare(await append(2))).toEqual(['hmget', 'hset', 'publish', 'xadd']);
    nowMs += 60_000;
    expect(bare(await append(3))).toEqual(['hmget', 'hset', 'pexpire', 'pexpire', 'publish', 'xadd']);
    expect(bare(await append(4))).toEqual(['hmget', 'hset', 'publish', 'xadd']);
    expect(await redis.pttl(`${prefix}:history:quotes`)).toBeGreaterThan(3_600_000);

    // What begins anew, for whatever reason, has its time to live at once.
    await history.append([batchOf('quotes', 'e2', 1, 1, true)], 1);
    expect(await redis.pttl(`${prefix}:history:quotes`)).toBeGreaterThan(0);
    await redis.del(`${prefix}:history:quotes`);
    await history.append([batchOf('quotes', 'e2', 2, 1)], 1);
    expect(await redis.pttl(`${prefix}:history:quotes`)).toBeGreaterThan(0);
    await redis.set(`${prefix}:history:quotes`, 'no stream');
    await history.append([batchOf('quotes', 'e2', 3, 1)], 1);
    expect(await redis.pttl(`${prefix}:history:quotes`)).toBeGreaterThan(0);
  });

  test('[H210] history that is gone before its time, and not its position, has a time to live from its next message on', async () => {
    await using server = await startRedisServer();
    await using harness = await openRedisHistory(server.port, { now: () => 0 });
    const { history, redis, prefix } = harness;
    await history.append([batchOf('quotes', 'e1', 1, 1), batchOf('trades', 'e1', 1, 3)], 1);
    // As where the clock of Redis jumps; eviction does the same.
    await redis.pexpireat(`${prefix}:history:quotes`, 1);
    await redis.pexpireat(`${prefix}:history:trades`, 1);
    await history.append([batchOf('quotes', 'e1', 2, 1), batchOf('trades', 'e1', 4, 3)], 1);
    expect(await redis.pttl(`${prefix}:history:quotes`)).toBeGreaterThan(3_600_000);
    expect(await redis.pttl(`${prefix}:history:trades`)).toBeGreaterThan(3_600_000);
    const [quotes, trades] = await history.newest(['quotes', 'trades'], 10);
    expect([seqsOf(quotes?.messages ?? []), seqsOf(trades?.messages ?? [])]).toEqual([[2], [4, 5, 6]]);
  });
});
