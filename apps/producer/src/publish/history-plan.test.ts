import { describe, expect, it } from '@jest/globals';
import type { Logger } from '@tickwire/runtime';
import { createHistoryPlan, type HistoryPlanOptions } from './history-plan.js';

const rig = (options: Partial<HistoryPlanOptions> = {}) => {
  const lines: { readonly level: string; readonly text: string }[] = [];
  const log =
    (level: string) =>
    (...given: unknown[]): void =>
      void lines.push({ level, text: JSON.stringify(given) });
  const logger = { info: log('info'), warn: log('warn'), error: log('error') } as unknown as Logger;
  return { lines, plan: createHistoryPlan({ memoryMb: 384, logger, ...options }) };
};

describe('the plan of history', () => {
  it('[P120] gives each kind what it is for', () => {
    const { plan, lines } = rig();
    plan.divide(6);
    const entries = (kind: string): number => plan.retention.boundsOf(`${kind}.sim.BTC-USD`).entries;
    expect(entries('forecast')).toBe(150);
    expect(entries('ticker')).toBe(1_200);
    expect(entries('bar-1m')).toBe(5_000);
    expect(plan.retention.boundsOf('news').entries).toBe(10_000);
    expect(plan.retention.boundsOf('trade.sim.nonsense').entries).toBe(10_000);
    expect(lines).toMatchObject([{ level: 'info' }]);
    expect(lines[0]?.text).toContain('"symbols":6,"channels":42');
  });

  it('[P120] fits any number of symbols into the memory, and warns that it had to', () => {
    const { plan, lines } = rig();
    plan.divide(500);
    const bytes = ['trade', 'ticker', 'bar-1s', 'bar-1m', 'forecast', 'health', 'gap']
      .map((kind) => plan.retention.boundsOf(`${kind}.sim.BTC-USD`).bytes * 500)
      .reduce((sum, each) => sum + each, 0);
    expect(bytes).toBeCloseTo(384 * 2 ** 20, -1);
    expect(lines).toMatchObject([{ level: 'warn' }]);
    expect(lines[0]?.text).toContain('HISTORY_MEMORY_MB=384');
  });

  it('[P120] keeps to a size and a time of its own, if told, as far as the memory goes', () => {
    const { plan } = rig({ size: 50_000, ttlMs: 5_000 });
    plan.divide(10);
    const { entries, ttlMs } = plan.retention.boundsOf('forecast.sim.BTC-USD');
    expect(ttlMs).toBe(5_000);
    expect(entries).toBe(plan.retention.boundsOf('trade.sim.BTC-USD').entries);
    expect(entries).toBeLessThan(50_000);
    expect(entries).toBeGreaterThan(3_000);
  });

  it('[P121] says once that Redis is full, and once that history is whole again', () => {
    let nowMs = 0;
    const { plan, lines } = rig({ now: () => nowMs });
    plan.retention.reduce();
    plan.retention.reduce();
    nowMs += 3_600_000;
    expect(plan.retention.share).toBe(1);
    expect(lines.map(({ level }) => level)).toEqual(['error', 'info']);
  });
});
