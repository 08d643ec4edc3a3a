import { describe, expect, it } from '@jest/globals';
import { createRollingQuantile } from '../calibration/rolling-quantile.js';
import { createNormal, createRandom } from '../testing/series.js';
import { createDieboldMariano } from './diebold-mariano.js';
import { crpsApproximation, intervalScore, shareBand } from './formulas.js';
import { createScorecard } from './scorecard.js';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

interface Row {
  readonly outcome: number;
  readonly center: number;
  readonly own: Float64Array;
  readonly band: Float64Array | undefined;
}

/** Outcomes with a share of zeros, intervals of varying width, and a constant band that starts later. */
const rows = (count: number, seed: number): Row[] => {
  const random = createRandom(seed);
  const normal = createNormal(random);
  return Array.from({ length: count }, (_, i) => {
    const sigma = 1e-4 * (1 + Math.sin(i / 200) / 2);
    return {
      outcome: random() < 0.2 ? 0 : sigma * normal(),
      center: random() < 0.5 ? 0 : 2e-5 * normal(),
      own: Float64Array.of(0.6, 1.2, 1.6, 2).map((z) => z * sigma),
      band: i < 150 ? undefined : Float64Array.of(0.6, 1.2, 1.6, 2).map((z) => z * 1.1e-4),
    };
  });
};

/** From the definition (Winkler 1972), written differently from the code under test. */
const winkler = (low: number, high: number, alpha: number, y: number): number =>
  high - low + (y < low ? (2 / alpha) * (low - y) : 0) + (y > high ? (2 / alpha) * (y - high) : 0);

const pinball = (quantile: number, share: number, y: number): number =>
  y >= quantile ? share * (y - quantile) : (1 - share) * (quantile - y);

describe('scorecard', () => {
  const all = rows(6500, 41);
  const scorecard = createScorecard(3);
  for (const { outcome, center, own, band } of all) scorecard.record(outcome, center, own, band);
  const scores = scorecard.scores();
  const isCovered = (row: Row, j: number): boolean => Math.abs(row.outcome - row.center) <= (row.own[j] as number);

  it('[F30] covers the whole series', () => {
    expect(scores.n).toBe(6500);
    expect(scores.compared).toBe(6350);
    expect(scores.zeroMoveShare).toBe(all.filter(({ outcome }) => outcome === 0).length / 6500);
    for (const [j, level] of ([50, 80, 90, 95] as const).entries()) {
      const alpha = 1 - level / 100;
      const compared = all.slice(150);
      const own = mean(
        compared.map(({ outcome, center, own }) =>
          winkler(center - (own[j] as number), center + (own[j] as number), alpha, outcome),
        ),
      );
      const band = mean(
        compared.map(({ outcome, band }) => winkler(-(band?.[j] as number), band?.[j] as number, alpha, outcome)),
      );
      const got = scores.levels[level];
      expect(got.coverage).toBe(all.filter((row) => isCovered(row, j)).length / 6500);
      expect(got.recentCoverage).toBe(all.slice(-5000).filter((row) => isCovered(row, j)).length / 5000);
      expect((got.intervalScore as number) / own).toBeCloseTo(1, 10);
      expect((got.baselineScore as number) / band).toBeCloseTo(1, 10);
      expect(got.gain).toBeCloseTo(100 * (1 - own / band), 8);
    }
  });

  it('[F30] CRPS is twice the mean pinball loss over the centre and the ends of the intervals', () => {
    const [y, halfWidths] = [0.7, Float64Array.of(0.5, 1.1, 1.7, 2.2)];
    const losses = [pinball(0, 0.5, y)];
    for (const [j, alpha] of [0.5, 0.2, 0.1, 0.05].entries()) {
      const halfWidth = halfWidths[j] as number;
      losses.push(pinball(-halfWidth, alpha / 2, y), pinball(halfWidth, 1 - alpha / 2, y));
    }
    const scores = halfWidths.map((halfWidth, j) => intervalScore(y, halfWidth, [0.5, 0.2, 0.1, 0.05][j] as number));
    expect(crpsApproximation(y, scores)).toBeCloseTo(2 * mean(losses), 12);
  });

  it('[F31] rolling coverage has the extremes of every thousand in a row', () => {
    for (const [j, level] of ([50, 80, 90, 95] as const).entries()) {
      const hits = all.map((row) => Number(isCovered(row, j)));
      const shares: number[] = [];
      let sum = 0;
      for (const [i, hit] of hits.entries()) {
        sum += hit - (i >= 1000 ? (hits[i - 1000] as number) : 0);
        if (i >= 999) shares.push(sum / 1000);
      }
      expect(scores.levels[level].rolling).toEqual({
        current: shares.at(-1),
        lowest: Math.min(...shares),
        highest: Math.max(...shares),
      });
    }
  });

  it('[F34] direction is counted on outcomes that do not overlap, moved, and had a predicted direction', () => {
    const counted = all.filter(({ outcome, center }, i) => i % 3 === 0 && outcome !== 0 && center !== 0);
    const right = counted.filter(({ outcome, center }) => outcome * center > 0);
    expect(scores.point.directions).toBe(counted.length);
    expect(scores.point.hitRate).toBe(right.length / counted.length);
    const skill =
      1 - mean(all.map((row) => (row.outcome - row.center) ** 2)) / mean(all.map((row) => row.outcome ** 2));
    expect(scores.point.skill).toBeCloseTo(skill, 10);
  });

  it('[F35] the band counts outcomes that do not overlap', () => {
    expect(scores.levels[90].band).toEqual(shareBand(scores.levels[90].coverage ?? 0, 6500 / 3));
    // Wilson's interval for 90 of 100, as in published tables.
    const [low, high] = shareBand(0.9, 100);
    expect(low).toBeCloseTo(0.8256, 4);
    expect(high).toBeCloseTo(0.9448, 4);
    expect(shareBand(1, 10)[1]).toBeCloseTo(1, 12);
  });

  it('[F30] is empty before the first outcome', () => {
    expect(createScorecard(1).scores()).toMatchObject({ dm: null, crps: null, zeroMoveShare: null });
  });
});

describe('Diebold-Mariano', () => {
  /** From the whole series, by the definition. */
  const batch = (d: readonly number[], h: number): number => {
    const n = d.length;
    const m = mean(d);
    const width = Math.max(h - 1, Math.floor(4 * (n / 100) ** (2 / 9)));
    let variance = 0;
    for (let lag = 0; lag <= width; lag++) {
      let product = 0;
      for (let t = lag; t < n; t++) product += ((d[t] as number) - m) * ((d[t - lag] as number) - m);
      variance += (lag === 0 ? 1 : 2 * (1 - lag / (width + 1))) * (product / n);
    }
    return Math.sqrt((n + 1 - 2 * h + (h * (h - 1)) / n) / n) * (m / Math.sqrt(variance / n));
  };

  it.each([
    [1, 40],
    [1, 3000],
    [15, 500],
    [100, 1500],
  ])('[F33] covers the whole series, %i steps ahead, %i outcomes', (h, n) => {
    const normal = createNormal(createRandom(42));
    let level = 0;
    const differences = Array.from({ length: n }, () => {
      level = 0.8 * level + normal();
      return 1e-4 * (level + 0.2);
    });
    const streaming = createDieboldMariano(h);
    for (const difference of differences) streaming.push(difference);
    expect((streaming.statistic() as number) / batch(differences, h)).toBeCloseTo(1, 8);
  });

  it('[F33] is null when it has no meaning', () => {
    const few = createDieboldMariano(1);
    for (let i = 0; i < 29; i++) few.push(i);
    expect(few.statistic()).toBeNull();
    const same = createDieboldMariano(1);
    for (let i = 0; i < 100; i++) same.push(0);
    expect(same.statistic()).toBeNull();
  });
});

describe('constant band', () => {
  it('[F32] is the empirical quantile of the last thousand', () => {
    const random = createRandom(43);
    const band = createRollingQuantile();
    const values: number[] = [];
    const got = new Float64Array(4);
    for (let i = 0; i < 2500; i++) {
      // Few distinct values: equal ones must leave one at a time.
      const value = Math.floor(random() * 50) / 1000;
      values.push(value);
      band.push(value);
      if (i % 61 !== 0) continue;
      const sorted = values.slice(-1000).sort((a, b) => a - b);
      band.halfWidths(got);
      const at = (share: number): number | undefined =>
        sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)];
      expect([...got]).toEqual([at(0.5), at(0.8), at(0.9), at(0.95)]);
    }
    expect(band.size).toBe(1000);
  });
});
