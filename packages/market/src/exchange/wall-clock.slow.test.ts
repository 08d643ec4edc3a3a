import { describe, expect, test } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { startVirtualFeed } from '../../../../tests/support/exchanges/index.js';
import type { FeedEvent } from '../feed.js';
import { createSimulatedFeed } from '../simulated/simulated-feed.js';
import { type VenueName, venueNames } from './venues.js';

const hour = 3_600_000;

/** Events without their labels; a quote without its own time has the receive time. */
const withoutLabels = (events: readonly FeedEvent[]): unknown[] =>
  events.map((event) =>
    JSON.parse(
      JSON.stringify(event, (key, value) => (key === 'rts' || (key === 'ts' && event.kind === 'quote') ? 0 : value)),
    ),
  );

/** Half a minute of faults; the wall clock steps before each. */
const troubled = async (venue: VenueName, stepsMs: readonly number[]) => {
  const { run, record, exchange, feed, clock, faults, symbols } = await startVirtualFeed(venue);
  const [symbol = ''] = symbols;
  const step = (i: number): void => clock.stepWall(stepsMs[i] ?? 0);
  await run(5_000);
  step(0);
  exchange.cutAll(1001, 'going away');
  await run(6_000);
  step(1);
  exchange.faults.loseTrades = 1;
  exchange.trade(symbol);
  await run(5_000);
  step(2);
  exchange.halfOpenAll();
  await run(30_000);
  step(3);
  exchange.faults.rest = 'limited';
  exchange.faults.refuseWith = { status: 503 };
  exchange.cutAll(1011, 'restart');
  await run(20_000);
  exchange.faults.refuseWith = undefined;
  exchange.faults.rest = 'fine';
  await run(90_000);
  const live = symbols.map((each) => record.state(each));
  const wallOffsetMs = clock.wall() - clock.now();
  const { clockOffset, instruments } = feed.status();
  await feed.close();
  return {
    events: withoutLabels(record.events),
    connectTimes: exchange.connectTimes,
    requests: exchange.requests,
    faults: faults(),
    live,
    wallOffsetMs,
    clockOffset,
    ages: instruments.map(({ ageMs }) => ageMs),
  };
};

describe('a wall clock that steps', () => {
  test.each(venueNames)(
    '[M109] changes nothing of a feed of %s but the labels: same trades, reconnects, requests and ages',
    async (venue) => {
      const steady = await troubled(venue, []);
      expect(steady.faults).toEqual([]);
      expect(new Set(steady.live)).toEqual(new Set(['live']));
      for (const steps of [
        [-2 * hour, 0, 2 * hour, -600],
        [2 * hour, -4 * hour, 1_000, 30_000],
      ]) {
        const stepped = await troubled(venue, steps);
        const { clockOffset, wallOffsetMs } = stepped;
        expect({ ...stepped, clockOffset: 0, wallOffsetMs: 0 }).toEqual({ ...steady, clockOffset: 0, wallOffsetMs: 0 });
        if (clockOffset)
          expect(Math.abs(clockOffset.offsetMs + wallOffsetMs)).toBeLessThanOrEqual(clockOffset.errorMs + 1);
      }
    },
  );

  test.each([-2 * hour, -600_000, -900, 900])('[M109] by %i ms leaves a simulated market as it is', async (stepMs) => {
    const run = async (byMs: number) => {
      const clock = createManualClock();
      const arrays: { readonly at: number; readonly events: readonly FeedEvent[] }[] = [];
      const feed = createSimulatedFeed({ symbols: ['BTC-USD'], seed: 3, clock, pastMinutes: 10 });
      await feed.start((events) => arrays.push({ at: clock.now(), events }));
      clock.advance(5_000);
      clock.stepWall(byMs);
      clock.advance(10_000);
      await feed.close();
      return arrays.map(({ at, events }) => [
        at,
        JSON.parse(JSON.stringify(events, (key, value) => (key === 'rts' ? 0 : value))),
      ]);
    };
    expect(await run(stepMs)).toEqual(await run(0));
  });

  test('[M109] far ahead, or after a sleep of the machine, the missed time of the simulated market is skipped', async () => {
    const clock = createManualClock();
    const trades: { readonly at: number; readonly ts: number }[] = [];
    const feed = createSimulatedFeed({ symbols: ['BTC-USD'], tradesPerSecond: 50, clock, pastMinutes: 10 });
    await feed.start((events) => {
      for (const event of events) if (event.kind === 'trade') trades.push({ at: clock.wall(), ts: event.trade.ts });
    });
    clock.advance(5_000);
    clock.stepWall(2 * hour);
    const before = trades.length;
    clock.advance(1_000);
    expect(trades.length).toBeGreaterThan(before);
    for (const { at, ts } of trades.slice(before)) expect(at - ts).toBeLessThan(100);
    expect(feed.counters.skippedMs).toBeGreaterThanOrEqual(2 * hour);
    await feed.close();
  });
});
