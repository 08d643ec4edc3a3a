import { describe, expect, it } from '@jest/globals';
import type { History, Message } from '@tickwire/channel-layer';
import type { FeedEvent, PastQuery } from '@tickwire/market';
import { type Bar, type BarInterval, channelOf, type MarketMessage, periodOf } from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import { createBackfill } from './backfill.js';
import { createBarMender } from './bar-mender.js';
import { createInstrumentPipeline } from './instrument-pipeline.js';

const instrument = { venue: 'sim', symbol: 'BTC-USD' };
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Twenty seconds after half past twelve. */
const startMs = Date.UTC(2026, 10, 27, 12, 30, 20);

const bar = (interval: BarInterval, start: number, more: Partial<Bar> = {}): Bar => {
  const { end } = periodOf(interval, start);
  const price = String(100 + ((start / minute) % 50));
  return {
    type: 'price.bar',
    ...instrument,
    interval,
    start,
    ts: end - 1,
    rts: end - 1,
    closed: true,
    trades: 3,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: '1',
    quoteVolume: price,
    source: 'venue',
    ...more,
  };
};

const barsOf = ({ interval, fromMs, untilMs }: PastQuery): readonly Bar[] => {
  const length = periodOf(interval, 0).end;
  const bars: Bar[] = [];
  for (let start = Math.ceil(fromMs / length) * length; start < untilMs; start += length)
    bars.push(bar(interval, start));
  return bars;
};

const trade = (ts: number): FeedEvent => ({
  kind: 'trade',
  trade: { ...instrument, type: 'price.trade', ts, rts: ts, id: String(ts), price: '123', size: '1', side: 'buy' },
});

interface RigOptions {
  readonly past?: (query: PastQuery) => Promise<readonly Bar[]>;
  readonly stored?: readonly Bar[];
  readonly isLeading?: boolean | (() => boolean);
  readonly decided?: Promise<void>;
  readonly room?: number;
}

const createRig = ({
  past = async (query) => barsOf(query),
  stored = [],
  isLeading = true,
  decided = Promise.resolve(),
  room = 50_000,
}: RigOptions = {}) => {
  const clock = createManualClock(startMs);
  const published: MarketMessage[] = [];
  const asked: PastQuery[] = [];
  const lines: string[] = [];
  const pipeline = createInstrumentPipeline({ ...instrument, tickerMs: 100, publish: (each) => published.push(each) });
  const note = (details: unknown, text?: string): void => void lines.push(`${text} ${JSON.stringify(details)}`);
  const history: Pick<History, 'newest'> = {
    newest: async (groups, count) =>
      groups.map((group) => {
        const messages = stored.filter((each) => channelOf(each) === group).slice(-count);
        return { group, position: null, messages: messages as unknown as readonly Message[] };
      }),
  };
  const backfill = createBackfill({
    history,
    clock,
    isLeading: typeof isLeading === 'function' ? isLeading : () => isLeading,
    decided,
    untilReady: async () => undefined,
    room,
    feed: {
      past: (_instrument, query) => {
        asked.push(query);
        return past(query);
      },
    },
    logger: { info: note, warn: note } as never,
    now: clock.wall,
  });
  backfill.hold([[instrument, pipeline]]);
  /** Runs the market, with a trade every ten seconds. */
  const run = (ms: number): void => {
    const until = clock.wall() + ms;
    while (clock.wall() < until) {
      clock.advance(500);
      if (clock.wall() % 10_000 < 500) pipeline.add(trade(clock.wall()), clock.monotonic());
      pipeline.advance(clock.wall(), clock.monotonic());
    }
  };
  const closed = (interval: BarInterval): readonly Bar[] =>
    published.filter((each): each is Bar => each.type === 'price.bar' && each.interval === interval && each.closed);
  return { backfill, pipeline, run, closed, asked, lines, clock, published };
};

/** Whatever was waiting for an answer has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const starts = (bars: readonly Bar[]): readonly number[] => bars.map(({ start }) => start);
const steps = (from: number, until: number, length: number): readonly number[] =>
  Array.from({ length: Math.max(0, Math.floor((until - from) / length)) }, (_, at) => from + at * length);
const floor = (ms: number, length: number): number => Math.floor(ms / length) * length;

describe('the past', () => {
  it('[P157] a minute that closes while the past is requested delays no forecast', async () => {
    const { backfill, pipeline, run, published, clock } = createRig({
      past: async (query) => {
        // Each answer takes five seconds.
        run(5_000);
        return barsOf(query);
      },
    });
    pipeline.add({ kind: 'state', state: { ...instrument, state: 'live', rts: startMs } }, clock.monotonic());
    // Three seconds before the end of the minute.
    run(37_000);
    await backfill.run();
    const filledAt = clock.wall();
    run(5_000);
    const forecasts = published.filter((each) => each.type === 'price.forecast' && each.rts <= filledAt + 5_000);
    expect(forecasts.length).toBeGreaterThan(0);
  });

  it.each([1_000, 3_900])(
    '[P157] a venue that has the newest minute %d ms late delays no forecast longer',
    async (lagMs) => {
      const { backfill, pipeline, run, published, clock, asked } = createRig({
        past: async (query) => barsOf(query).filter(({ start }) => clock.wall() >= start + minute + lagMs),
      });
      pipeline.add({ kind: 'state', state: { ...instrument, state: 'live', rts: startMs } }, clock.monotonic());
      // Half a second after the end of the minute.
      run(40_500);
      const filling = backfill.run();
      const beganAt = clock.wall();
      for (let step = 0; step < 10; step += 1) {
        await settled();
        run(500);
      }
      await filling;
      const [first] = published.filter((each) => each.type === 'price.forecast');
      expect(first?.type === 'price.forecast' && first.horizons.map(({ seconds }) => seconds)).toEqual([60, 300, 900]);
      expect(Number(first?.rts) - beganAt).toBeLessThanOrEqual(5_000);
      // Twice a second at most, and once more for hours and days.
      expect(asked.filter(({ interval }) => interval === '1m').length).toBeLessThanOrEqual(2 + lagMs / 500 + 1);
    },
  );

  it('[P157] a minute that never comes is asked for a bounded number of times, and what is older does not wait', async () => {
    const { backfill, run, closed, clock, asked } = createRig({
      past: async (query) =>
        barsOf(query).filter(({ start }) => start + minute !== floor(clock.wall(), minute) && start < beganAt - minute),
    });
    run(40_500);
    const beganAt = clock.wall();
    const filling = backfill.run();
    await settled();
    expect(asked.some(({ fromMs }) => fromMs < beganAt - hour * 24)).toBe(true);
    for (let step = 0; step < 30; step += 1) {
      run(500);
      await settled();
    }
    await filling;
    expect(asked.filter(({ interval }) => interval === '1m').length).toBeLessThanOrEqual(10);
    run(minute);
    expect(closed('1h').length).toBeGreaterThan(0);
  });

  it('[P154] comes before live bars, each bar once and in order, and longer bars are whole', async () => {
    const { backfill, run, closed, lines } = createRig();
    run(90_000);
    expect(closed('1m')).toEqual([]);
    await backfill.run();
    run(2 * hour);
    const nowMinute = floor(startMs, minute);
    const end = floor(startMs + 90_000 + 2 * hour, minute);
    expect(starts(closed('1m'))).toEqual(steps(nowMinute + 2 * minute - 2 * day, end, minute));
    for (const [interval, from] of [
      ['5m', nowMinute + 2 * minute - 2 * day],
      ['15m', nowMinute + 2 * minute - 2 * day],
      ['1h', floor(startMs, hour) + hour - 30 * day],
    ] as const) {
      const length = periodOf(interval, 0).end;
      const found = closed(interval);
      const first = Math.ceil(from / length) * length;
      expect([interval, starts(found)]).toEqual([interval, steps(first, floor(end, length), length)]);
      // Only the minute in which the trades began may be incomplete.
      expect(found.filter(({ incomplete }) => incomplete).length).toBeLessThanOrEqual(1);
    }
    expect(starts(closed('4h')).at(-1)).toBe(Date.UTC(2026, 10, 27, 8));
    expect(closed('4h').some(({ incomplete }) => incomplete)).toBe(false);
    expect(closed('1d').at(-1)).toMatchObject({ start: Date.UTC(2026, 10, 26) });
    expect(lines).toEqual(['bars of the past are filled in {"filled":1}']);
  });

  it('[P155] is requested only if it is missing, newest minutes first', async () => {
    const nowMinute = floor(startMs, minute);
    const stored = [
      ...barsOf({ interval: '1m', fromMs: nowMinute - 200 * minute, untilMs: nowMinute - 10 * minute }),
      ...barsOf({ interval: '1h', fromMs: nowMinute - day, untilMs: nowMinute - hour }),
      ...barsOf({ interval: '1d', fromMs: nowMinute - 9 * day, untilMs: nowMinute - day }),
    ];
    const known = createRig({ stored });
    await known.backfill.run();
    expect(known.asked).toEqual([{ interval: '1m', fromMs: nowMinute - 11 * minute + 1, untilMs: nowMinute }]);
    expect(starts(known.closed('1m'))).toEqual(steps(nowMinute - 10 * minute, nowMinute, minute));
    const fresh = createRig();
    await fresh.backfill.run();
    expect(fresh.asked.map(({ interval }) => interval)).toEqual(['1m', '1m', '1h', '1d']);
    expect(fresh.asked[0]).toMatchObject({ fromMs: nowMinute - 300 * minute, untilMs: nowMinute });
  });

  it('[P155] is known to a standby, and published only by the leader', async () => {
    const { backfill, run, closed } = createRig({ isLeading: false });
    await backfill.run();
    run(4 * minute);
    expect(starts(closed('1m'))[0]).toBe(floor(startMs, minute));
    expect(closed('5m')).toEqual([]);
    run(minute);
    // These five minutes are whole: 12:30 begins one, so the time before the start does not matter.
    expect(closed('5m')).toMatchObject([{ start: floor(startMs, minute) }]);
  });

  it('[P260] is published by who leads in the end, however late the lease comes', async () => {
    let isLeading = false;
    let decide = (): void => {};
    const decided = new Promise<void>((resolve) => {
      decide = resolve;
    });
    const nowMinute = floor(startMs, minute);
    const stored = barsOf({ interval: '1m', fromMs: nowMinute - 200 * minute, untilMs: nowMinute - 10 * minute });
    const { backfill, run, closed } = createRig({ stored, decided, isLeading: () => isLeading });
    const filling = backfill.run();
    run(3_000);
    await settled();
    isLeading = true;
    decide();
    await filling;
    run(2 * minute);
    expect(starts(closed('1m'))).toEqual(steps(nowMinute - 10 * minute, nowMinute + 2 * minute, minute));
  });

  it('[P154] ends before a minute that trades show is not over: our clock may be ahead of the venue', async () => {
    const { backfill, pipeline, run, closed, clock } = createRig();
    const aheadMs = 5 * minute;
    pipeline.add(trade(clock.wall() - aheadMs), clock.monotonic());
    pipeline.advance(clock.wall(), clock.monotonic());
    await backfill.run();
    const openMinute = floor(startMs - aheadMs, minute);
    expect(starts(closed('1m')).at(-1)).toBe(openMinute - minute);
    expect(closed('1h').at(-1)?.start).toBe(floor(startMs, hour) - hour);
    run(10 * minute);
    expect(starts(closed('1m'))).toEqual([...new Set(starts(closed('1m')))].sort((a, b) => a - b));
    expect(starts(closed('1m'))).toContain(openMinute);
  });

  it('[P156] is requested again if it fails, then given up with one line of log; bars that waited are published without it', async () => {
    let failures = 0;
    const { backfill, run, closed, lines, clock } = createRig({
      past: async () => {
        failures += 1;
        throw new Error('the venue is closed');
      },
    });
    run(2 * minute);
    const done = backfill.run();
    for (let turn = 0; turn < 100; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1_000);
    }
    await done;
    expect(failures).toBe(3);
    expect(starts(closed('1m'))[0]).toBe(floor(startMs, minute));
    expect(lines).toEqual([expect.stringMatching(/^bars of the past are missing.*the venue is closed/)]);
  });

  it('[P156] is waited for ten minutes at most, and with no more than the buffer can hold', async () => {
    const stuck = createRig({ past: () => new Promise(() => {}) });
    void stuck.backfill.run();
    stuck.run(9 * minute);
    expect(stuck.closed('1m')).toEqual([]);
    stuck.run(2 * minute);
    expect(stuck.closed('1m').length).toBeGreaterThanOrEqual(10);
    const small = createRig({ room: 20 });
    await small.backfill.run();
    expect(starts(small.closed('1m')).at(-1)).toBe(floor(startMs, minute) - minute);
    expect(small.published.filter(({ type }) => type === 'price.bar')).toHaveLength(20);
  });
});

describe('minutes that lack trades', () => {
  /** A market whose feed is down from 12:40, for `forMs`. */
  const outage = async (forMs: number, past: (query: PastQuery) => Promise<readonly Bar[]>, isLeading = true) => {
    const rig = createRig({ past });
    await rig.backfill.run();
    const { pipeline, clock } = rig;
    const mender = createBarMender({
      feed: { past: (_instrument, query) => past(query) },
      now: clock.wall,
      isLeading: () => isLeading,
      log: { failed: () => {}, worked: () => {} },
      pipelines: () => [pipeline],
    });
    const state = (value: 'down' | 'live'): void =>
      pipeline.add({ kind: 'state', state: { ...instrument, state: value, rts: clock.wall() } }, clock.monotonic());
    rig.run(floor(startMs, minute) + 10 * minute - startMs);
    state('down');
    // In a long outage the process is held up too, and minutes are skipped.
    const stepMs = forMs > hour ? forMs : minute;
    for (let at = 0; at < forMs; at += stepMs) {
      clock.advance(stepMs);
      pipeline.advance(clock.wall(), clock.monotonic());
    }
    state('live');
    rig.run(2 * minute);
    return { ...rig, mender };
  };

  it('[P158] are requested from the venue after their end, and published again with its data, longer bars too', async () => {
    const { mender, closed, run, pipeline } = await outage(40 * minute, async (query) => barsOf(query));
    run(20 * minute);
    const lacked = closed('1m').filter(({ incomplete }) => incomplete);
    expect(lacked.length).toBeGreaterThan(40);
    expect(closed('1h').at(-1)).toMatchObject({ start: Date.UTC(2026, 10, 27, 12), incomplete: true });
    await mender.run();
    const again = closed('1m').filter(({ start, source }) => source === 'venue' && start >= floor(startMs, minute));
    expect(starts(again)).toEqual(starts(lacked));
    expect(again.some(({ incomplete }) => incomplete)).toBe(false);
    for (const interval of ['5m', '15m', '1h'] as const) {
      const newest = new Map(closed(interval).map((bar) => [bar.start, bar]));
      const mended = [...newest.values()].filter(({ start }) => start >= Date.UTC(2026, 10, 27, 13) - hour);
      expect([interval, mended.at(-1)?.incomplete]).toEqual([interval, undefined]);
    }
    expect(pipeline.lacking()).toEqual([]);
    const count = closed('1m').length;
    await mender.run();
    expect(closed('1m').length).toBe(count);
  });

  it('[P158] of an outage too long for bars are requested too', async () => {
    const { mender, closed } = await outage(8 * hour, async (query) => barsOf(query));
    const before = new Set(starts(closed('1m')));
    await mender.run();
    const after = new Set(starts(closed('1m')));
    expect(before.size).toBeLessThan(after.size);
    const all = [...after].sort((a, b) => a - b);
    expect(all).toEqual(steps(all[0] ?? 0, (all.at(-1) ?? 0) + minute, minute));
  });

  it('[P158] are given up if the venue does not have them, and requested again if it does not answer', async () => {
    let isOpen = true;
    let asked = 0;
    const { mender, pipeline } = await outage(3 * minute, async () => {
      asked += 1;
      if (!isOpen) throw new Error('closed');
      return [];
    });
    isOpen = false;
    for (let turn = 0; turn < 10; turn += 1) await mender.run();
    expect(pipeline.lacking().length).toBeGreaterThan(2);
    isOpen = true;
    for (let turn = 0; turn < 3; turn += 1) await mender.run();
    expect(pipeline.lacking()).toEqual([]);
    const before = asked;
    await mender.run();
    expect(asked).toBe(before);
  });

  it('[P315] a minute that closed a moment before it was requested is requested again: the venue may lack its last trades', async () => {
    const rig = createRig();
    const { backfill, pipeline, closed, clock } = rig;
    // Three seconds after a minute.
    clock.advance(floor(startMs, minute) + minute + 3_000 - startMs);
    const newest = floor(startMs, minute);
    await backfill.run();
    expect(closed('1m').at(-1)).toMatchObject({ start: newest, incomplete: true });
    expect(closed('1m').at(-2)?.incomplete).toBeUndefined();
    expect(pipeline.lacking()).toEqual([newest]);
    clock.advance(5_000);
    const mender = createBarMender({
      feed: { past: async (_instrument, query) => barsOf(query) },
      now: clock.wall,
      isLeading: () => true,
      log: { failed: () => {}, worked: () => {} },
      pipelines: () => [pipeline],
    });
    await mender.run();
    expect(closed('1m').at(-1)).toEqual(bar('1m', newest));
  });

  it('[P315] an hour that closed a moment before is made of its minutes', async () => {
    const { backfill, closed, clock } = createRig();
    clock.advance(floor(startMs, hour) + hour + 3_000 - startMs);
    await backfill.run();
    const newest = closed('1h').at(-1);
    expect(newest).toMatchObject({ start: floor(startMs, hour), trades: 180, incomplete: true });
  });

  it('[P311] from before a start are requested too, and those that were never published', async () => {
    const nowMinute = floor(startMs, minute);
    const stored = barsOf({ interval: '1m', fromMs: nowMinute - 40 * minute, untilMs: nowMinute - 10 * minute });
    const hole = nowMinute - 25 * minute;
    const last = nowMinute - 11 * minute;
    const known = stored
      .filter(({ start }) => start !== hole)
      .map((each) => (each.start === last ? { ...each, incomplete: true as const } : each));
    const { backfill, pipeline, closed, clock } = createRig({ stored: known });
    await backfill.run();
    expect(pipeline.lacking()).toEqual([hole, last]);
    const mender = createBarMender({
      feed: { past: async (_instrument, query) => barsOf(query) },
      now: clock.wall,
      isLeading: () => true,
      log: { failed: () => {}, worked: () => {} },
      pipelines: () => [pipeline],
    });
    await mender.run();
    expect(starts(closed('1m')).slice(-2)).toEqual([hole, last]);
    expect(closed('1m').at(-1)?.incomplete).toBeUndefined();
    const folded = closed('15m').filter(({ start }) => start === Date.UTC(2026, 10, 27, 12, 15));
    expect(folded.map(({ incomplete }) => incomplete ?? false)).toEqual([true, false]);
  });

  it('[P158] are left to the leader', async () => {
    const standby = await outage(3 * minute, async (query) => barsOf(query), false);
    const count = standby.closed('1m').length;
    await standby.mender.run();
    expect(standby.closed('1m').length).toBe(count);
  });
});
