import { describe, expect, it } from '@jest/globals';
import { createMessageCodec } from '@tickwire/channel-layer';
import { type Bar, barIntervals, channelKinds } from '@tickwire/protocol';
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
  it('[P120] gives each kind of channel its own bounds', () => {
    const { plan, lines } = rig();
    plan.divide(6);
    const entries = (kind: string): number => plan.retention.boundsOf(`${kind}.sim.BTC-USD`).entries;
    expect(entries('forecast')).toBe(150);
    expect(entries('ticker')).toBe(1_200);
    expect(entries('bar-1m')).toBe(2_900);
    expect(plan.retention.boundsOf('news').entries).toBe(10_000);
    expect(plan.retention.boundsOf('trade.sim.nonsense').entries).toBe(10_000);
    expect(lines).toMatchObject([{ level: 'info' }]);
    expect(lines[0]?.text).toContain('"symbols":6,"channels":72');
  });

  it('[P152] holds two days of minutes and thirty of hours, and all bars of a symbol in less than 2 MiB', () => {
    const { plan } = rig();
    const header = { type: 'price.bar', venue: 'binance', symbol: 'PEPE-USDT', ts: 1.8e12, rts: 1.8e12 } as const;
    const price = '67123.45000000';
    const large: Bar = {
      ...header,
      interval: '1m',
      start: 1.8e12,
      open: price,
      high: price,
      low: price,
      close: price,
      trades: 12_345,
      volume: '1234.56789',
      quoteVolume: '82871234.12345678',
      takerBuyVolume: '617.28394',
      takerBuyQuoteVolume: '41435617.06172839',
      closed: true,
      source: 'venue',
    };
    const codec = createMessageCodec();
    const published = { ...large, pts: 1.8e12, seq: 1_234_567, epoch: 'Zk3v1c0a' };
    const bytes = codec.encode(published).length * 1.2 + 24;
    const held = (kind: string): number => {
      const bounds = plan.retention.boundsOf(`${kind}.binance.BTC-USDT`);
      return Math.min(bounds.entries, Math.floor(bounds.bytes / bytes));
    };
    expect(held('bar-1m')).toBeGreaterThanOrEqual(2 * 24 * 60);
    expect(held('bar-1h')).toBeGreaterThanOrEqual(30 * 24);
    const sum = barIntervals.reduce((all, each) => all + plan.retention.boundsOf(`bar-${each}.sim.BTC-USD`).bytes, 0);
    expect(sum).toBeLessThan(2 * 2 ** 20);
  });

  it('[P120] fits any number of symbols into the memory, and warns if it had to shorten history', () => {
    const { plan, lines } = rig();
    plan.divide(500);
    const bytes = channelKinds
      .map((kind) => plan.retention.boundsOf(`${kind}.sim.BTC-USD`).bytes * 500)
      .reduce((sum, each) => sum + each, 0);
    expect(bytes).toBeCloseTo(384 * 2 ** 20, -1);
    expect(lines).toMatchObject([{ level: 'warn' }]);
    expect(lines[0]?.text).toContain('HISTORY_MEMORY_MB=384');
  });

  it('[P120] uses a configured size and time, as far as the memory allows', () => {
    const { plan } = rig({ size: 50_000, ttlMs: 5_000 });
    plan.divide(10);
    const { entries, ttlMs } = plan.retention.boundsOf('forecast.sim.BTC-USD');
    expect(ttlMs).toBe(5_000);
    expect(entries).toBe(plan.retention.boundsOf('trade.sim.BTC-USD').entries);
    expect(entries).toBeLessThan(50_000);
    expect(entries).toBeGreaterThan(3_000);
  });

  it('[P121] reports once that Redis is full, and once that history is whole again', () => {
    let nowMs = 0;
    const { plan, lines } = rig({ now: () => nowMs });
    plan.retention.reduce();
    plan.retention.reduce();
    nowMs += 3_600_000;
    expect(plan.retention.share).toBe(1);
    expect(lines.map(({ level }) => level)).toEqual(['error', 'info']);
  });
});
