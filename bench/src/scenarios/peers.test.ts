import { describe, expect, test } from '@jest/globals';
import { noFaults } from '../load/sequence-check.js';
import type { Figures, Run } from '../report/run.js';
import type { TargetResult } from '../report/target.js';
import { drops, figuresOfDrops } from './drops.js';
import { quiet } from './quiet.js';
import { recoveryStorm } from './recovery-storm.js';
import { figuresOfMasters, redisCluster } from './redis-cluster.js';
import { tls } from './tls.js';
import { listsFor, loadOf, watchlists } from './watchlists.js';
import { workers } from './workers.js';

const runsOf =
  (scenario: string) =>
  (peer: string, figures: Figures, load = '', round = 0): Run => ({
    scenario,
    peer,
    clients: 10,
    channels: 1,
    load,
    round,
    figures,
    notes: [],
  });

const measured = (targets: readonly TargetResult[], what: RegExp) =>
  targets.filter((target) => what.test(target.what)).map((target) => [target.measured?.median, target.isMet]);

describe('watchlists', () => {
  const run = runsOf('watchlists');
  const short = { followed: 5, channels: 20 };
  const load = (whose: 'own' | 'the same') => loadOf(whose, short, '3 ticks a write');

  test('[BN50] clients follow their own channels, or the same spread over all, as many', () => {
    const own = listsFor('own', short, 100);
    expect(own).toHaveLength(100);
    expect(own.every((list) => list.length === 5)).toBe(true);
    expect(listsFor('the same', short, 100)).toEqual([[0, 4, 8, 12, 16]]);
    expect(listsFor('the same', { followed: 20, channels: 200 }, 1)[0]?.slice(0, 3)).toEqual([0, 10, 20]);
  });

  test('[BN50] a write of own channels is compared with one of the same where both carry three ticks', () => {
    const same = run('tickwire', { cpuUsPerWrite: 10, ticksPerWrite: 3 }, load('the same'));
    const own = run('tickwire', { cpuUsPerWrite: 11, ticksPerWrite: 3.2 }, load('own'));
    expect(measured(watchlists.targets([same, own]), /CPU a write, own 5/)).toEqual([[1.1, true]]);
    const other = run('tickwire', { cpuUsPerWrite: 11, ticksPerWrite: 9 }, load('own'));
    expect(measured(watchlists.targets([same, other]), /CPU a write, own 5/)).toEqual([[undefined, undefined]]);
  });

  test('[BN50] a delivery is compared with that of Bun in the same round', () => {
    const runs = [run('tickwire', { cpuUsPerTick: 5 }, load('own')), run('Bun', { cpuUsPerTick: 4 }, load('own'), 1)];
    expect(measured(watchlists.targets(runs), /delivery.* to Bun/)).toEqual([[undefined, undefined]]);
    runs.push(run('Bun', { cpuUsPerTick: 10 }, load('own')));
    expect(measured(watchlists.targets(runs), /delivery.* to Bun/)).toEqual([[0.5, true]]);
  });
});

describe('quiet', () => {
  test('[BN51] compares the median of one client with that of Centrifugo in the same round', () => {
    const run = runsOf('quiet');
    const runs = [run('tickwire', { p50Ms: 1.2 }), run('Centrifugo', { p50Ms: 1 })];
    expect(measured(quiet.targets(runs), /p50/)).toEqual([
      [1.2, false],
      [undefined, undefined],
    ]);
  });
});

describe('recovery-storm', () => {
  test('[BN52] compares CPU with Centrifugo in its protocol, and wants everybody served', () => {
    const run = runsOf('recovery-storm');
    const targets = recoveryStorm.targets([
      run('tickwire', { unserved: 0 }),
      run('tickwire, Centrifuge', { recoveryCpuSeconds: 3, unserved: 7 }),
      run('Centrifugo', { recoveryCpuSeconds: 1, unserved: 0 }),
    ]);
    expect(targets.map(({ measured: value, isMet }) => [value?.median, isMet])).toEqual([
      [3, false],
      [7, false],
      [0, true],
    ]);
  });
});

describe('drops', () => {
  test('[BN53] what came twice is not counted as delivered, and what never came is missing from the share', () => {
    // 100 published to 10 clients; 20 never came, 30 came again.
    const faults = { ...noFaults(), duplicates: 10, outOfOrder: 20, gaps: 20, stale: 5 };
    expect(figuresOfDrops({ ticks: 1_010, faults }, 100, 10)).toEqual({
      deliveredShare: 0.98,
      doubledShare: 0.03,
      lateShare: 0.005,
      gaps: 20,
      declaredSkips: 0,
    });
  });

  test('[BN53] wants everything delivered once', () => {
    const run = runsOf('drops');
    const targets = drops.targets([run('tickwire', { deliveredShare: 0.999, doubledShare: 0 })]);
    expect(targets.map(({ isMet }) => isMet)).toEqual([false, true, undefined, undefined]);
  });
});

describe('workers', () => {
  test('[BN54] compares what two workers deliver with what one does', () => {
    const run = runsOf('workers');
    const runs = [
      run('tickwire, 1 worker', { deliveredPerSecond: 100 }, 'saturated'),
      run('tickwire, 2 workers', { deliveredPerSecond: 170 }, 'saturated'),
    ];
    expect(measured(workers.targets(runs), /2 workers/)).toEqual([[1.7, true]]);
  });
});

describe('tls', () => {
  test('[BN55] compares a write over TLS with one without', () => {
    const run = runsOf('tls');
    const runs = [
      run('tickwire', { cpuUsPerWrite: 10 }, '1 tick a write'),
      run('tickwire, TLS', { cpuUsPerWrite: 15 }, '1 tick a write'),
    ];
    expect(measured(tls.targets(runs), /1 tick a write/)).toEqual([[1.5, true]]);
  });
});

describe('redis-cluster', () => {
  test('[BN56] reports what a message costs all masters, and the busiest of them', () => {
    const figures = figuresOfMasters([0.001, 0.004, 0.002, 0.001], 1_000);
    expect(figures).toEqual({
      redisUsPerMessage: expect.closeTo(8, 6),
      busiestRedisUsPerMessage: expect.closeTo(4, 6),
    });
    const run = runsOf('redis-cluster');
    const one = { redisUsPerMessage: 8, busiestRedisUsPerMessage: 8 };
    const runs = [run('tickwire, 1 master', one), run('tickwire, 4 masters', figures)];
    expect(measured(redisCluster.targets(runs), /busiest/)).toEqual([[expect.closeTo(0.5, 6), expect.anything()]]);
  });
});
