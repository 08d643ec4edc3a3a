import { describe, expect, it } from '@jest/globals';
import type { Trade } from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import { createSimulatedFeed } from './simulated-feed.js';

const beganMs = 1_700_000_000_000;

/** The trades of a feed with this start and these steps. */
const tradesOf = async (startMs: number, stepMs: number): Promise<readonly Trade[]> => {
  const clock = createManualClock(startMs);
  const trades: Trade[] = [];
  const options = { seed: 'shared', tradesPerSecond: 40, beganMs, stepMs, maxCatchUpMs: 3_600_000 };
  const feed = createSimulatedFeed({ symbols: ['BTC-USD'], clock, ...options });
  await feed.start((events) => {
    for (const event of events) if (event.kind === 'trade') trades.push(event.trade);
  });
  clock.advanceTo(beganMs + 30_000);
  await feed.close();
  return trades;
};

const withoutReceipt = ({ rts, ...trade }: Trade): Omit<Trade, 'rts'> => trade;

describe('a market that several feeds share', () => {
  it('[M102] feeds with the same seed and beginning have the same trades, whenever each started', async () => {
    const first = (await tradesOf(beganMs, 20)).map(withoutReceipt);
    const late = (await tradesOf(beganMs + 7_777, 50)).map(withoutReceipt);
    expect(first.length).toBeGreaterThan(500);
    const shorter = Math.min(first.length, late.length);
    expect(first.length - shorter).toBeLessThan(20);
    expect(late.slice(0, shorter)).toEqual(first.slice(0, shorter));
  });
});
