import { describe, expect, it } from '@jest/globals';
import { createFrame } from '../view/frame.js';
import { createDollarRates } from './dollar-rates.js';
import { createLatencyStats } from './latency.js';
import { delayText, problemOf } from './problem.js';
import { createRate } from './rate.js';
import { createSparkline } from './sparkline.js';
import { createWatchEntry } from './watch-entry.js';

describe('latencies', () => {
  it('[D15] have quantiles of the newest samples only, negative ones too', () => {
    const stats = createLatencyStats(100);
    expect(stats.quantile(0.5)).toBeUndefined();
    for (let ms = 0; ms < 1_000; ms += 1) stats.add(9_999);
    for (let ms = -50; ms < 50; ms += 1) stats.add(ms);
    expect(stats.quantile(0.5)).toBe(0);
    expect(stats.quantile(0.95)).toBe(45);
    expect(stats.quantile(1)).toBe(49);
  });
});

describe('the rate', () => {
  it('[D15] is the mean of the last whole seconds', () => {
    const rate = createRate();
    expect(rate.perSecond(0)).toBe(0);
    for (let ms = 0; ms < 10_000; ms += 100) rate.add(ms);
    expect(rate.perSecond(10_000)).toBe(10);
    expect(rate.recent(10_000, 3)).toEqual([10, 10, 10]);
    expect(rate.recent(12_000, 4)).toEqual([10, 10, 0, 0]);
    expect(rate.perSecond(100_000)).toBe(0);
  });

  it('[D15] does not count seconds before the first', () => {
    const rate = createRate();
    rate.add(5_000, 7);
    expect(rate.perSecond(5_900)).toBe(7);
    expect(rate.perSecond(6_100)).toBe(7);
    expect(rate.recent(7_000, 60)).toEqual([7, 0]);
  });
});

describe('a small line', () => {
  const heightsOf = (line: ReturnType<typeof createSparkline>) => {
    const into = new Float64Array(10);
    return [...into.subarray(0, line.heights(into))];
  };

  it('[D16] has the newest price of each step, from wherever it comes', () => {
    const line = createSparkline({ stepMs: 1_000, maxPoints: 4 });
    line.add(5_000, 20);
    line.add(5_900, 30);
    line.add(3_000, 10);
    line.add(4_000, 15);
    // Older than the newest of its step: no news.
    line.add(3_100, 99);
    expect(heightsOf(line)).toEqual([0, 0.25, 1]);
    for (let at = 6_000; at < 20_000; at += 1_000) line.add(at, 7);
    expect(heightsOf(line)).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(line.size).toBe(4);
  });

  it('[D16] stands where its time is, and ends are known once it is whole', () => {
    const line = createSparkline({ stepMs: 1_000, maxPoints: 5 });
    for (const at of [5, 7]) line.add(at * 1_000, at);
    const into = new Float64Array(2);
    line.places(into);
    expect([...into]).toEqual([0.5, 1]);
    expect(line.ends).toBeUndefined();
    line.add(3_000, 1);
    line.add(2_000, 99);
    expect(line.ends).toEqual([1, 7]);
    line.add(9_000, 8);
    expect(line.ends).toEqual([5, 8]);
    expect(line.size).toBe(3);
  });

  it('[D74] of a market goes from the first to the last of the prices that its change is between', () => {
    const quarterMs = 900_000;
    const entry = createWatchEntry('sim', 'BTC-USD', createDollarRates());
    const day = 200 * quarterMs;
    const ticker = { type: 'price.ticker', venue: 'sim', symbol: 'BTC-USD', ts: day, rts: day, pts: day } as const;
    entry.addTicker({ ...ticker, last: '110', changePct24h: '3', change24h: '2', quoteVolume24h: '500' }, day);
    expect([entry.changePercent, entry.move, entry.quoteVolume]).toEqual([3, 2, 500]);
    for (let back = 97; back >= 1; back -= 1) entry.addPast(day - back * quarterMs, 100 + (97 - back) / 100);
    entry.endPast();
    expect(entry.sparkline.ends).toEqual([100.01, 110]);
    expect(entry.move).toBeCloseTo(9.99);
    expect(entry.changePercent).toBeCloseTo(9.989);
  });

  it('[D16] is drawn again only when something shows', () => {
    const line = createSparkline();
    line.add(1_000, 5);
    const { revision } = line;
    line.add(1_500, 5);
    expect(line.revision).toBe(revision);
    line.add(1_600, 6);
    expect(line.revision).toBeGreaterThan(revision);
  });

  it('[D16] may stand on a floor', () => {
    const line = createSparkline({ stepMs: 1, floor: 0 });
    line.add(1, 50);
    line.add(2, 100);
    expect(heightsOf(line)).toEqual([0.5, 1]);
  });
});

describe('problems', () => {
  it.each([1, 101, 109, 3500, 3507])('[D17] %d is about the token', (code) => {
    expect(problemOf(code).text).toMatch(/token/);
  });

  it('[D17] every code has a title and a sentence, unknown ones too', () => {
    for (const code of [103, 106, 3013, 3501, 3503, 3505, 4999]) {
      const { title, text } = problemOf(code);
      expect(title.length).toBeGreaterThan(10);
      expect(text).toMatch(/\.$/);
    }
    expect(problemOf(4_999).text).toContain('4999');
  });

  it('[D17] a delay says why', () => {
    expect(delayText(1, false)).toBe('This device is offline');
    expect(delayText(3013, true)).toBe('The server is full, trying again');
    expect(delayText(3001, true)).toBe('The gateway is restarting');
    expect(delayText(1, true)).toBe('Reconnecting');
  });
});

describe('a frame', () => {
  it('[D18] paints what was marked, once, in order', () => {
    const frames: (() => void)[] = [];
    const painted: string[] = [];
    const frame = createFrame(
      (run) => frames.push(run),
      () => 0,
    );
    const first = frame.add(() => painted.push('first'));
    const second = frame.add(() => {
      painted.push('second');
      if (painted.length < 3) first();
    });
    second();
    first();
    second();
    expect(frames.length).toBe(1);
    frames.shift()?.();
    expect(painted).toEqual(['first', 'second']);
    frames.shift()?.();
    expect(painted).toEqual(['first', 'second', 'first']);
    expect(frames.length).toBe(0);
  });

  it('[D18] leaves to the next frame what would make one long, and begins there', () => {
    const frames: (() => void)[] = [];
    const painted: string[] = [];
    let now = 0;
    const frame = createFrame(
      (run) => frames.push(run),
      () => now,
    );
    const marks = ['a', 'b', 'c'].map((name) =>
      frame.add(() => {
        painted.push(name);
        now += 3;
      }),
    );
    const paintNext = (): string => {
      for (const mark of marks) mark();
      painted.length = 0;
      frames.shift()?.();
      return painted.join('');
    };
    expect([paintNext(), paintNext(), paintNext()]).toEqual(['ab', 'ca', 'bc']);
    painted.length = 0;
    while (frames.length > 0) frames.shift()?.();
    expect(painted).toEqual(['a']);
  });
});
