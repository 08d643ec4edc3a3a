import { describe, expect, test } from '@jest/globals';
import type { WindowResult } from '../load/commands.js';
import { noFaults } from '../load/sequence-check.js';
import { perWrite } from '../scenarios/per-write.js';
import { figuresOf, notesOf } from './figures-of.js';
import { number, spread } from './format.js';
import { ratio, select, spreadOf } from './query.js';
import type { Figures, Run } from './run.js';
import { runTable, targetTable } from './tables.js';
import { atLeast, atMost } from './target.js';

const run = (peer: string, round: number, figures: Figures, more: Partial<Run> = {}): Run => ({
  scenario: 'x',
  peer,
  clients: 10,
  channels: 1,
  load: 'some',
  round,
  figures,
  notes: [],
  ...more,
});

const latency = { count: 1_000, p50: 1, p90: 2, p99: 3, p999: 4, max: 5 };
const window: WindowResult = {
  seconds: 2,
  ticks: 1_000,
  bytes: 122_000,
  frames: 1_000,
  reads: 900,
  others: 0,
  closed: 0,
  unrecovered: 0,
  latencyMs: latency,
  firstLatencyMs: latency,
  lastLatencyMs: latency,
  faults: noFaults(),
  serverCpuSeconds: 0.01,
  serverWrites: 500,
  generatorCpu: 0.1,
  redisCpu: 0.1,
  loadCoreBusy: 0.2,
  serverCoreOthers: 0,
};
const publisher = { published: [1], ticks: 1, latenessMs: { p50: 0, p99: 1 }, seconds: 1, cpu: 0.1 };

describe('figures', () => {
  test('[BN23] a quiet run has no notes', () => {
    expect(notesOf({ window, publisher, missing: 0 })).toEqual([]);
  });

  test.each([
    ['generator was the bottleneck', { generatorCpu: 0.95 }],
    ['generator core full', { loadCoreBusy: 0.99 }],
    ['disturbed: others on the server core', { serverCoreOthers: 0.3 }],
    ['2 clients closed', { closed: 2 }],
  ])('[BN23] notes: %s', (note, more) => {
    expect(notesOf({ window: { ...window, ...more }, publisher, missing: 0 })).toEqual([note]);
  });

  test('[BN23] notes a late publisher and ticks that did not come', () => {
    const late = { ...publisher, latenessMs: { p50: 0, p99: 50 } };
    expect(notesOf({ window, publisher: late, missing: 3 })).toEqual(['publisher late', 'lags behind']);
  });

  test('cost and writes are by tick delivered', () => {
    const figures = figuresOf({ window, publisher, missing: 7 }, 500);
    expect(figures).toMatchObject({ deliveredPerSecond: 500, ticksPerWrite: 2, cpuUsPerTick: 10, serverCpu: 0.005 });
    expect(figures).toMatchObject({ bytesPerTick: 122, missing: 7, lost: 7, ticksPerCpuSecond: 100_000 });
  });

  test('what the host cannot measure is left open', () => {
    const blind = { ...window, serverCpuSeconds: undefined, serverWrites: undefined };
    const figures = figuresOf({ window: blind, publisher, missing: 0 }, 500);
    expect(figures.cpuUsPerTick).toBeUndefined();
    expect(figures.writesPerSecond).toBeUndefined();
  });
});

describe('ratios', () => {
  test('[BN20] are taken within a round', () => {
    const ours = [run('a', 0, { cpuUsPerTick: 2 }), run('a', 1, { cpuUsPerTick: 6 }), run('a', 2, { cpuUsPerTick: 3 })];
    const theirs = [run('b', 1, { cpuUsPerTick: 3 }), run('b', 0, { cpuUsPerTick: 2 })];
    expect(ratio(ours, theirs, 'cpuUsPerTick')).toEqual({ min: 1, median: 1.5, max: 2 });
  });

  test('[BN20] spread is min, median and max', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ min: 1, median: 2, max: 3 });
    expect(spreadOf([4, 1])).toEqual({ min: 1, median: 2.5, max: 4 });
    expect(spreadOf([])).toBeUndefined();
  });

  test('selects by what is given', () => {
    const runs = [run('a', 0, {}), run('b', 0, {}), run('a', 0, {}, { clients: 20 })];
    expect(select(runs, { peer: 'a' })).toHaveLength(2);
    expect(select(runs, { peer: 'a', clients: 20 })).toHaveLength(1);
  });
});

describe('targets', () => {
  test('[BN21] what was not measured is neither met nor missed', () => {
    const table = targetTable([
      atMost('p99', 60, 'ms', { min: 1, median: 59, max: 70 }),
      atLeast('ratio', 50, 'x', { min: 1, median: 40, max: 70 }),
      atLeast('absent', 50, 'x', undefined),
    ]);
    expect(table.slice(1).map((row) => row[3])).toEqual(['yes', 'NO', '–']);
    expect(table[3]?.[2]).toBe('not measured');
  });

  test('[BN22] writes with other numbers of ticks are not compared', () => {
    const load = '16 ticks a write';
    const measured = (peer: string, round: number, ticksPerWrite: number): Run =>
      run(peer, round, { ticksPerWrite, ticksPerCpuSecond: 100 }, { scenario: 'per-write', load });
    const targets = perWrite.targets([
      ...[measured('tickwire', 0, 16), measured('C coalescing', 0, 40)],
      ...[measured('tickwire', 1, 16), measured('C coalescing', 1, 17)],
    ]);
    const target = targets.find(({ what }) => what.includes(load));
    expect(target?.measured).toEqual({ min: 1, median: 1, max: 1 });
    const none = perWrite.targets([measured('tickwire', 0, 16), measured('C coalescing', 0, 40)]);
    expect(none.find(({ what }) => what.includes(load))?.isMet).toBeUndefined();
  });
});

describe('tables', () => {
  test('put rounds together and compare with the product at the same load', () => {
    const rows = runTable([
      run('naive', 0, { cpuUsPerTick: 20, deliveredPerSecond: 100 }),
      run('tickwire', 0, { cpuUsPerTick: 10, deliveredPerSecond: 300 }),
      run('naive', 1, { cpuUsPerTick: 40, deliveredPerSecond: 100 }, { notes: ['lags behind'] }),
      run('tickwire', 1, { cpuUsPerTick: 10, deliveredPerSecond: 300 }),
    ]);
    const [head = [], naive = [], tickwire = []] = rows;
    expect(rows).toHaveLength(3);
    const at = (row: readonly string[], column: string) => row[head.indexOf(column)];
    expect(at(naive, 'us CPU/tick')).toBe('30 (20–40)');
    expect(at(naive, 'cost')).toBe('0.38');
    expect(at(naive, 'yield')).toBe('3');
    expect(at(naive, 'notes')).toBe('lags behind');
    expect(at(tickwire, 'cost')).toBe('1');
    expect(head).not.toContain('p99 ms');
  });

  test('numbers have three digits that matter', () => {
    expect([0.123, 12.34, 1_234_567, 0, undefined].map(number)).toEqual(['0.12', '12.3', '1,234,567', '0', '–']);
    expect(spread({ min: 1, median: 1, max: 1 })).toBe('1');
  });
});
