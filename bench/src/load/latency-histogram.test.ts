import { describe, expect, test } from '@jest/globals';
import { testSeed } from '../../../tests/support/depth.js';
import { LatencyHistogram } from './latency-histogram.js';

describe('LatencyHistogram', () => {
  test('[BN6] gives quantiles at most 3 % above those of the values themselves', () => {
    const seed = testSeed;
    console.info(`seed ${seed}`);
    let state = seed;
    const random = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const histogram = new LatencyHistogram();
    const values = Array.from({ length: 20_000 }, () => Math.floor(Math.exp(random() * 17)));
    for (const value of values) histogram.add(value);
    values.sort((a, b) => a - b);
    for (const share of [0.001, 0.5, 0.9, 0.99, 0.999, 1]) {
      const exact = values[Math.ceil(share * values.length) - 1] as number;
      const reported = histogram.quantileUs(share);
      expect(reported).toBeGreaterThanOrEqual(exact);
      expect(reported).toBeLessThanOrEqual(exact * 1.0325 + 1);
    }
  });

  test('[BN6] holds small, negative and enormous values', () => {
    const histogram = new LatencyHistogram();
    for (const value of [-5, 0, 1, 31, 32, 33, 1e15]) histogram.add(value);
    expect(histogram.quantileUs(0)).toBe(0);
    expect(histogram.count).toBe(7);
    expect(histogram.maxUs).toBe(0x7fffffff);
    histogram.clear();
    expect(histogram.summary()).toEqual({ count: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 });
  });

  test('[BN40] what several counted is put together as if one had', () => {
    const values = [0, 5, 5, 31, 32, 1_000, 999_999];
    const whole = new LatencyHistogram();
    const merged = new LatencyHistogram();
    const parts = [new LatencyHistogram(), new LatencyHistogram()];
    for (const [at, value] of values.entries()) {
      whole.add(value);
      parts[at % 2]?.add(value);
    }
    for (const part of parts) merged.merge(JSON.parse(JSON.stringify(part.counts())));
    expect(merged.summary()).toEqual(whole.summary());
  });
});
