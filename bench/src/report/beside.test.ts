import { describe, expect, test } from '@jest/globals';
import { besideRows, besideTable } from './beside.js';
import { besideChart } from './chart.js';
import type { Figures, Run } from './run.js';
import { putBetweenMarks } from './write-summary.js';

const run = (scenario: string, peer: string, load: string, figures: Figures, more: Partial<Run> = {}): Run => ({
  scenario,
  peer,
  load,
  figures,
  clients: 10,
  channels: 1,
  round: 0,
  notes: [],
  ...more,
});

const own = 'own 5 of 20, 3 ticks a write';
const ownMillion = 'own 5 of 20, 1 M deliveries/s';

const runs: readonly Run[] = [
  run('quiet', 'tickwire', '20 ticks/s', { p50Ms: 1.2 }),
  run('quiet', 'tickwire, Centrifuge', '20 ticks/s', { p50Ms: 1.5 }),
  run('quiet', 'Centrifugo', '20 ticks/s', { p50Ms: 1 }),
  run('quiet', 'Bun', '20 ticks/s', { p50Ms: 0.6 }),
  run('watchlists', 'tickwire', own, { cpuUsPerTick: 5 }),
  run('watchlists', 'Centrifugo', own, { cpuUsPerTick: 10 }),
  run('watchlists', 'tickwire', ownMillion, { p99Ms: 50 }),
  run('watchlists', 'Centrifugo', ownMillion, { p99Ms: 900, missing: 1_000 }),
  run('capacity', 'tickwire', 'as many ticks as it can take', { deliveredPerSecond: 400 }),
  run('capacity', 'Bun', 'as many ticks as it can take', { deliveredPerSecond: 100, missing: 5 }),
  run('drops', 'tickwire', 'some', { deliveredShare: 1 }),
  run('drops', 'Bun', 'some', { deliveredShare: 0.87 }),
];

const at = (row: RegExp, column: string): string | undefined => {
  const [head = [], ...body] = besideTable(runs);
  return body.find(([what = '']) => row.test(what))?.[head.indexOf(column)];
};

describe('the table of ratios', () => {
  test('[BN25] says how many times better the product is, whether less or more is better', () => {
    expect(at(/median latency/, 'to Bun')).toBe('0.50 x');
    expect(at(/own 5 of 20 channels$/, 'to Centrifugo')).toBe('2 x');
    expect(at(/deliveries a second/, 'to Bun')).toBe('4 x');
  });

  test('[BN25] compares Centrifugo with what speaks its protocol', () => {
    expect(at(/median latency/, 'to Centrifugo')).toBe('0.67 x');
  });

  test('[BN25] says what falls behind, what each delivers, and what was not measured', () => {
    expect(at(/p99 at 1 M/, 'to Centrifugo')).toBe('falls behind');
    expect(at(/connections break/, 'Tickwire')).toBe('100 %');
    expect(at(/connections break/, 'to Bun')).toBe('87 %');
    expect(at(/median latency/, 'to Rust')).toBe('not measured');
    expect(at(/idle client/, 'Tickwire')).toBe('not measured');
    expect(besideTable(runs, false).map(([what]) => what)).not.toContain('memory of an idle client');
  });
});

describe('the chart', () => {
  test('[BN26] has a bar for each ratio, better to the right and worse to the left, and none for what is missing', () => {
    const svg = besideChart(besideRows(runs));
    expect(svg.startsWith('<svg ')).toBe(true);
    expect(svg.trimEnd().endsWith('</svg>')).toBe(true);
    const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)" height="12" fill="[^"]+"\/>\n/g)];
    // Two of quiet, one of own channels, one of capacity.
    expect(bars).toHaveLength(4);
    const middle = Number(/<line x1="([\d.]+)"/.exec(svg)?.[1]);
    const worse = svg.slice(0, svg.indexOf('0.67 x Centrifugo'));
    const [, x = '', width = ''] = [...worse.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)"/g)].at(-1) ?? [];
    expect(Number(x) + Number(width)).toBeCloseTo(middle, 0);
    expect(svg).not.toContain('falls behind');
  });

  test('[BN26] of nothing says so', () => {
    expect(besideChart(besideRows([]))).toContain('not measured');
  });
});

describe('the pages', () => {
  test('[BN27] get results between their marks, and nothing else changes', () => {
    const page =
      'before\n<!-- ratios: written by npm run bench -- --summary -->\nold\n<!-- end of results -->\nafter\n';
    const renewed = putBetweenMarks(page, 'ratios', 'new');
    expect(renewed).toBe(page.replace('\nold\n', '\n\nnew\n\n'));
    expect(putBetweenMarks(renewed, 'ratios', 'new')).toBe(renewed);
    expect(() => putBetweenMarks('nothing', 'ratios', 'new')).toThrow('no place for ratios');
  });
});
