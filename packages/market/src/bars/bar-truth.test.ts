import { describe, expect, test } from '@jest/globals';
import type { Bar, Trade } from '@tickwire/protocol';
import type { FeedEvent } from '../feed.js';
import { createRandom } from '../simulated/random.js';
import { type BarBuilder, createBarBuilder } from './bar-builder.js';

const venue = 'sim';
const symbol = 'BTC-USD';
const startMs = Date.UTC(2024, 0, 1);
const pollMs = 50;

/** A trade happens at the venue at `atMs`, and is read `lagMs` later. The order stays. */
interface Stream {
  readonly seconds: number;
  readonly tradesPerSecond: number;
  readonly lagMs: (atMs: number) => number;
  /** Error of our wall clock. */
  readonly stepMs?: (atMs: number) => number;
  /** Error of the venue's clock. */
  readonly venueStepMs?: (atMs: number) => number;
  readonly isPaused?: (atMs: number) => boolean;
  /** The builder has only our wall clock. */
  readonly isWallOnly?: boolean;
  readonly quotes?: boolean;
}

interface Reported {
  readonly trades: readonly Trade[];
  /** All closed bars, in order of arrival. */
  readonly closed: readonly Bar[];
  /** The last bar of each interval. */
  readonly bars: ReadonlyMap<number, Bar>;
  readonly builder: BarBuilder;
}

const run = (stream: Stream, seed: string): Reported => {
  const { seconds, tradesPerSecond, lagMs, stepMs = () => 0, venueStepMs = () => 0, isPaused = () => false } = stream;
  const random = createRandom(seed);
  const builder = createBarBuilder({ venue, symbol, interval: '1s' });
  const closed: Bar[] = [];
  const trades: Trade[] = [];
  const arrivals: { readonly at: number; readonly trade: Trade }[] = [];
  for (let at = 0, readAt = 0; at < seconds * 1_000; at += random.exponential() * (1_000 / tradesPerSecond)) {
    if (isPaused(at)) continue;
    readAt = Math.max(readAt, at + lagMs(at));
    const times = {
      ts: startMs + Math.floor(at + venueStepMs(at)),
      rts: startMs + Math.floor(readAt + stepMs(readAt)),
    };
    const id = String(arrivals.length + 1);
    const trade = { type: 'price.trade', venue, symbol, ...times, id, price: '1', size: '1', side: 'buy' } as const;
    arrivals.push({ at: readAt, trade });
  }
  const take = (bars: readonly Bar[]): void => void closed.push(...bars.filter((bar) => bar.closed));
  const steady = (at: number): [number?] => (stream.isWallOnly ? [] : [at]);
  const endMs = Math.max(seconds * 1_000, arrivals.at(-1)?.at ?? 0) + 30_000;
  for (let at = 0, next = 0; at < endMs; at += pollMs) {
    for (let arrival = arrivals[next]; arrival && arrival.at <= at; arrival = arrivals[++next]) {
      trades.push(arrival.trade);
      take(builder.add({ kind: 'trade', trade: arrival.trade }, ...steady(arrival.at)));
    }
    const wall = startMs + at + stepMs(at);
    if (stream.quotes) take(builder.add(quoteAt(startMs + at - 5 + venueStepMs(at), wall), ...steady(at)));
    take(builder.flush(wall, ...steady(at)));
  }
  // Closes the open bars: a wall clock that was set back may not have reached their end.
  take(builder.advance(startMs + 1e8, ...steady(1e8)));
  return { trades, closed, bars: new Map(closed.map((bar) => [bar.start, bar])), builder };
};

const quoteAt = (ts: number, rts: number): FeedEvent => ({
  kind: 'quote',
  quote: { venue, symbol, ts, rts, bid: '1', bidSize: '1', ask: '2', askSize: '1' },
});

const startOf = (ts: number): number => Math.floor(ts / 1_000) * 1_000;

/** Returns the faults: a trade that is missing in a bar without `incomplete`, or not counted exactly once. */
const faultsOf = ({ trades, bars, closed, builder: { counters } }: Reported): string[] => {
  const faults: string[] = [];
  const published = new Map<number, number>();
  for (const { ts } of trades) published.set(startOf(ts), (published.get(startOf(ts)) ?? 0) + 1);
  for (const [start, count] of published) {
    const bar = bars.get(start);
    if (bar && bar.trades < count && !bar.incomplete)
      faults.push(`bar ${(start - startMs) / 1_000} has ${bar.trades} of ${count} trades`);
  }
  for (const { start, trades: held, incomplete } of bars.values())
    if (held > (published.get(start) ?? 0)) faults.push(`bar ${start} has ${held} trades, ${incomplete}`);
  const inBars = [...bars.values()].reduce((sum, bar) => sum + bar.trades, 0);
  if (inBars + counters.lateTrades + counters.aheadTrades !== trades.length)
    faults.push(`${inBars} in bars, ${JSON.stringify(counters)}, but ${trades.length} came`);
  const times = new Map<number, number>();
  for (const { start } of closed) times.set(start, (times.get(start) ?? 0) + 1);
  for (const [start, count] of times) if (count > 2) faults.push(`bar ${start} came ${count} times`);
  return faults;
};

/** Starts of incomplete bars, in seconds. After the last trade the market only seems silent. */
const incompleteOf = ({ bars, trades }: Reported): number[] =>
  [...bars.values()]
    .filter(({ incomplete, start }) => incomplete && start <= (trades.at(-1)?.ts ?? 0))
    .map(({ start }) => (start - startMs) / 1_000);

/** Share of the trades from second `from` to `until` that are in their bars. */
const shareHeld = ({ trades, bars }: Reported, from: number, until: number): number => {
  const inside = trades.filter(({ ts }) => ts >= startMs + from * 1_000 && ts < startMs + until * 1_000);
  let held = 0;
  for (let second = from; second < until; second += 1) held += bars.get(startMs + second * 1_000)?.trades ?? 0;
  return held / inside.length;
};

const lively = { seconds: 60, tradesPerSecond: 10 };

describe('bars are true', () => {
  test.each([1_500, 2_000, 3_000, 20_000])(
    '[M105] [M106] a stream that falls %i ms behind has its trades in their bars again once that is known',
    (lag) => {
      const reported = run({ ...lively, lagMs: (at) => (at < 20_000 ? 50 : lag) }, 'fall');
      expect(faultsOf(reported)).toEqual([]);
      // Bars that the clock closed before the first late trade arrived are incomplete. In a silence of up to three
      // seconds it closed none.
      const behind = lag < 3_000 ? 1 : 20 + Math.ceil(lag / 1_000) + 1;
      expect(shareHeld(reported, behind, 60)).toBe(1);
      expect(shareHeld(reported, 1, 20)).toBe(1);
      expect(Math.max(...incompleteOf(reported))).toBeLessThan(behind);
    },
  );

  test.each([1_500, 20_000])('[M107] a sudden lag of %i ms never makes an empty bar that looks complete', (lag) => {
    const { closed, trades } = run({ ...lively, lagMs: (at) => (at < 20_000 ? 50 : lag) }, 'silence');
    const traded = new Set(trades.map(({ ts }) => startOf(ts)));
    const empty = closed.filter((bar) => bar.trades === 0 && !bar.incomplete && traded.has(bar.start));
    expect(empty).toEqual([]);
  });

  test.each([-7_200_000, -120_000, -600, 1_000, 2_000, 30_000, 7_200_000, 1.5e12])(
    '[M105] our wall clock steps by %i ms, and no bar loses a trade',
    (step) => {
      const reported = run({ ...lively, lagMs: () => 50, stepMs: (at) => (at < 20_000 ? 0 : step) }, 'step');
      expect(faultsOf(reported)).toEqual([]);
      expect(reported.builder.counters).toMatchObject({ lateTrades: 0, aheadTrades: 0 });
      expect(incompleteOf(reported)).toEqual([0]);
      expect(shareHeld(reported, 1, 60)).toBe(1);
    },
  );

  test.each([-7_200_000, -120_000, -600, 1_000, 2_000, 30_000, 7_200_000])(
    '[M105] with nothing but a wall clock that steps by %i ms each bar still says what it lacks',
    (step) => {
      const stepMs = (at: number): number => (at < 20_000 ? 0 : step);
      const reported = run({ ...lively, lagMs: () => 50, stepMs, isWallOnly: true }, 'wall');
      expect(faultsOf(reported)).toEqual([]);
      // A clock set ahead closes the bars up to its time; later bars are right.
      if (step <= 2_000) expect(shareHeld(reported, 25, 60)).toBe(1);
    },
  );

  test.each([-20_000, -2_000, 2_000, 20_000, 7_200_000])('[M105] the venue steps its clock by %i ms', (step) => {
    const reported = run({ ...lively, lagMs: () => 50, venueStepMs: (at) => (at < 20_000 ? 0 : step) }, 'venue');
    // The repeated seconds were closed already: their trades are counted, and their bars are incomplete.
    expect(faultsOf(reported)).toEqual([]);
  });

  test('[M105] a pause and the burst behind it', () => {
    const isPaused = (at: number): boolean => at > 20_000 && at < 40_000;
    const burst = run({ ...lively, lagMs: (at) => (at > 20_000 && at < 41_000 ? 41_000 - at : 20), isPaused }, 'burst');
    expect(faultsOf(burst)).toEqual([]);
    expect(shareHeld(burst, 42, 60)).toBe(1);
  });

  test('[M107] a silence of trades with quotes of the venue is a quiet market', () => {
    const isPaused = (at: number): boolean => at > 20_000 && at < 30_000;
    const rest = run({ ...lively, lagMs: () => 20, isPaused, quotes: true }, 'rest');
    expect(incompleteOf(rest)).toEqual([0]);
    const doubtful = run({ ...lively, lagMs: () => 20, isPaused }, 'rest');
    expect(incompleteOf(doubtful)).toEqual([0, 20, 21, 22, 23, 24, 25, 26, 27, 28]);
  });

  test('[M105] a bar comes again once, however many of its trades are late', () => {
    const builder = createBarBuilder({ venue, symbol, interval: '1s' });
    const trade = (at: number, rts = at): FeedEvent => ({
      kind: 'trade',
      trade: {
        type: 'price.trade',
        venue,
        symbol,
        ts: startMs + at,
        rts: startMs + rts,
        id: '1',
        price: '5',
        size: '1',
        side: 'buy',
      },
    });
    builder.add(trade(500));
    builder.add(trade(1_500));
    const [closed, ...others] = builder.advance(startMs + 2_250);
    expect([closed?.start, closed?.incomplete, others]).toEqual([startMs + 1_000, undefined, []]);
    expect(builder.add(trade(1_600, 2_300))).toEqual([{ ...closed, incomplete: true }]);
    expect(builder.add(trade(1_700, 2_300))).toEqual([]);
    expect(builder.add(trade(600, 2_300))).toEqual([]);
    expect(builder.counters.lateTrades).toBe(3);
  });

  test('[M108] absurd times are left out once or twice, and believed if three agree', () => {
    const builder = createBarBuilder({ venue, symbol, interval: '1s' });
    const behindMs = 2 * 3_600_000;
    for (let i = 0; i < 50; i += 1) {
      const ts = startMs + i * 100;
      const header = { type: 'price.trade', venue, symbol, ts, rts: ts - behindMs } as const;
      builder.add({ kind: 'trade', trade: { ...header, id: String(i), price: '1', size: '1', side: 'buy' } });
    }
    expect(builder.counters).toMatchObject({ aheadTrades: 2, lateTrades: 0 });
    expect(builder.advance(startMs + 8_250 - behindMs)[0]).toMatchObject({ start: startMs + 4_000, trades: 10 });
  });

  test.each([-3_600_000, -29_700, 45_000, 600_000, 3_540_000, 10_800_000])(
    '[M291] one trade whose time is %i ms off costs no other trade its bar',
    (off) => {
      let isSpoilt = false;
      const venueStepMs = (at: number): number => {
        if (isSpoilt || at < 30_000) return 0;
        isSpoilt = true;
        return off;
      };
      const reported = run({ ...lively, lagMs: () => 50, venueStepMs }, 'one');
      const { counters } = reported.builder;
      expect(faultsOf(reported)).toEqual([]);
      expect(counters.lateTrades + counters.aheadTrades).toBe(1);
      expect([shareHeld(reported, 1, 30), shareHeld(reported, 31, 60)]).toEqual([1, 1]);
    },
  );

  test('[M291] so it is with the first trade', () => {
    const reported = run({ ...lively, lagMs: () => 50, venueStepMs: (at) => (at === 0 ? 3_000_000 : 0) }, 'first');
    expect(faultsOf(reported)).toEqual([]);
    expect(reported.builder.counters).toMatchObject({ lateTrades: 0, aheadTrades: 1 });
  });

  test.each([-10_800_000, -90_000])('[M292] no bar is empty because the venue set its clock back by %i ms', (step) => {
    const reported = run({ ...lively, lagMs: () => 50, venueStepMs: (at) => (at < 20_000 ? 0 : step) }, 'back');
    expect(faultsOf(reported)).toEqual([]);
    // What came is in no bar, because those bars are closed; none after them is closed before its time.
    const empty = reported.closed.filter(
      ({ trades, incomplete, start }) => trades === 0 && !incomplete && start > startMs,
    );
    expect(empty).toEqual([]);
  });

  test('[M292] what lies between two times of a clock set ahead is incomplete', () => {
    const reported = run({ ...lively, lagMs: () => 50, venueStepMs: (at) => (at < 20_000 ? 0 : 600_000) }, 'ahead');
    expect(faultsOf(reported)).toEqual([]);
    expect(reported.closed.filter(({ trades, incomplete }) => trades === 0 && !incomplete)).toEqual([]);
  });

  test.each(Array.from({ length: 60 }, (_, i) => `seed ${i}`))(
    '[M105] [M106] any mixture of lags, steps, pauses and bursts, %s',
    (seed) => {
      const random = createRandom(seed);
      const pick = (values: readonly number[]): number =>
        values[Math.floor(random.uniform() * values.length)] as number;
      const turns = Array.from({ length: 6 }, () => random.uniform() * 60_000).sort((a, b) => a - b);
      const drawn = turns.map(() => ({
        lag: pick([0, 20, 200, 900, 1_500, 2_500, 8_000, 20_000]),
        jitter: pick([0, 50, 400]),
        step: pick([-7_200_000, -3_000, 0, 0, 0, 2_000, 45_000, 7_200_000]),
        venueStep: pick([-5_000, 0, 0, 0, 0, 700, 5_000]),
        paused: random.uniform() < 0.2,
      }));
      const at = (ms: number) => drawn[Math.max(0, turns.filter((turn) => turn <= ms).length - 1)] as (typeof drawn)[0];
      const reported = run(
        {
          seconds: 60,
          tradesPerSecond: pick([0.3, 2, 10, 40]),
          lagMs: (ms) => at(ms).lag + random.uniform() * at(ms).jitter,
          stepMs: (ms) => at(ms).step,
          venueStepMs: (ms) => at(ms).venueStep,
          isPaused: (ms) => at(ms).paused,
          quotes: random.uniform() < 0.2,
        },
        seed,
      );
      expect(faultsOf(reported)).toEqual([]);
    },
  );
});
