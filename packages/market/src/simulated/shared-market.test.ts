import { describe, expect, it } from '@jest/globals';
import type { Trade } from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import type { FeedEvent } from '../feed.js';
import { createSimulatedFeed, type SimulatedFeedOptions } from './simulated-feed.js';

const beganMs = 1_700_000_000_000;

/** The trades of a feed with this start and these steps. */
const tradesOf = async (
  startMs: number,
  stepMs: number,
  how: Partial<SimulatedFeedOptions> = { beganMs },
): Promise<readonly Trade[]> => {
  const clock = createManualClock(startMs);
  const trades: Trade[] = [];
  const options = { seed: 'shared', tradesPerSecond: 40, stepMs, maxCatchUpMs: 3_600_000, ...how };
  const feed = createSimulatedFeed({ symbols: ['BTC-USD'], clock, pastMinutes: 0, ...options });
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

  it('[M270] a feed that starts anew trades what one that was there trades, but for the ids', async () => {
    const trade = ({ ts, price, size, side }: Trade) => `${ts} ${side} ${size} at ${price}`;
    const there = (await tradesOf(beganMs, 20)).filter(({ ts }) => ts >= beganMs + 12_345);
    const anew = await tradesOf(beganMs + 12_345, 20, {});
    expect(anew.length).toBeGreaterThan(300);
    expect(anew.map(trade)).toEqual(there.map(trade));
    expect(anew[0]?.id).not.toBe(there[0]?.id);
    const other = await tradesOf(beganMs + 12_345, 20, { seed: 'another' });
    expect(other.map(trade)).not.toEqual(there.map(trade));
  });

  it('[M230] a past comes in parts, each when the receiver has room, and nothing of it is missing', async () => {
    const whole = await tradesOf(beganMs, 20);
    const clock = createManualClock(beganMs + 30_000);
    const rooms: (() => void)[] = [];
    const untilRoom = () => new Promise<void>((resolve) => void rooms.push(resolve));
    const options = { seed: 'shared', tradesPerSecond: 2_000, beganMs, maxCatchUpMs: 3_600_000, untilRoom };
    const feed = createSimulatedFeed({ symbols: ['BTC-USD', 'ETH-USD'], clock, pastMinutes: 0, ...options });
    const parts: (readonly FeedEvent[])[] = [];
    await feed.start((events) => void parts.push(events));
    const left = [feed.pastMs];
    while (feed.pastMs > 0) {
      expect([parts.length, clock.pending]).toEqual([left.length, 0]);
      rooms.shift()?.();
      await Promise.resolve();
      expect(clock.pending).toBe(1);
      clock.advance(0);
      left.push(feed.pastMs);
    }
    await feed.close();
    expect(clock.pending).toBe(0);
    expect(parts.length).toBeGreaterThan(40);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(10_000);
    expect(left).toEqual([...left].sort((a, b) => b - a));
    const ids = parts
      .flat()
      .flatMap((event) => (event.kind === 'trade' && event.trade.symbol === 'BTC-USD' ? [event.trade.id] : []));
    expect(ids).toEqual(ids.map((_, index) => String(Number(ids[0]) + index)));
    expect(ids[0]).toBe(whole[0]?.id);
    expect(feed.counters.skippedMs).toBe(0);
  });

  it('[M230] a past that is being computed follows the present, and what comes later waits for no room', async () => {
    const clock = createManualClock(beganMs + 10_000);
    let asked = 0;
    const untilRoom = async () => {
      asked += 1;
    };
    const options = { tradesPerSecond: 2_000, beganMs, maxCatchUpMs: 3_600_000, untilRoom };
    const feed = createSimulatedFeed({ symbols: ['BTC-USD'], clock, pastMinutes: 0, ...options });
    let newest = 0;
    await feed.start((events) => {
      for (const event of events) if (event.kind === 'trade') newest = event.trade.ts;
    });
    while (feed.pastMs > 0) {
      await Promise.resolve();
      clock.advance(100);
    }
    const askedBefore = asked;
    expect(askedBefore).toBeGreaterThan(9);
    clock.advance(5_000);
    expect(clock.now() - newest).toBeLessThan(100);
    expect(asked).toBe(askedBefore);
    await feed.close();
  });
});
