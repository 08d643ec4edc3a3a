import { describe, expect, it } from '@jest/globals';
import { InvalidOption, SnapshotRefused } from './errors.js';
import {
  createSymbolForecaster,
  type GridSample,
  type HorizonScores,
  type SymbolForecaster,
  type SymbolStep,
} from './symbol-forecaster.js';
import { createRandom, garchPath, gaussianPath } from './testing/series.js';

const scoresOver = (prices: readonly number[], horizonsSeconds: readonly number[]): readonly HorizonScores[] => {
  const forecaster = createSymbolForecaster({ gridMs: 1000, horizonsSeconds, tickSize: 0.01 });
  for (const price of prices) forecaster.step({ price });
  return forecaster.scores();
};

describe('symbol forecaster', () => {
  it('[F5] on clustered volatility coverage is right and the score is better than the constant band', () => {
    const [one, five] = scoresOver(garchPath({ steps: 50_000, seed: 21 }), [1, 5]);
    for (const scores of [one, five]) {
      expect(scores?.n).toBeGreaterThan(49_000);
      expect(Math.abs((scores?.levels[90].coverage ?? 0) - 0.9)).toBeLessThan(0.01);
      expect(scores?.levels[90].gain).toBeGreaterThan(0);
    }
    expect(one?.dm).toBeGreaterThan(2);
  });

  it('[F6] on independent returns the score is at most 1 % worse than the constant band', () => {
    for (const seed of [22, 23]) {
      const [one] = scoresOver(gaussianPath({ steps: 20_000, seed }), [1]);
      expect(one?.levels[90].gain).toBeGreaterThan(-1);
      expect(Math.abs((one?.levels[90].coverage ?? 0) - 0.9)).toBeLessThan(0.01);
    }
  });

  it('[F2] the first 100 prices are withheld, then every horizon has its levels around its centre', () => {
    const forecaster = createSymbolForecaster({ gridMs: 60_000, horizonsSeconds: [60, 300], tickSize: 0.01 });
    const steps = garchPath({ steps: 102, seed: 24 }).map((price) => forecaster.step({ price }));
    expect(steps.slice(0, 100)).toEqual(new Array(100).fill({ kind: 'withheld', reason: 'starting' }));
    const step = steps[101];
    if (step?.kind !== 'forecast') throw new Error('expected a forecast');
    expect(step.horizons.map(({ seconds }) => seconds)).toEqual([60, 300]);
    const { center, levels } = step.horizons[1] ?? { center: 0, levels: {} };
    expect(center).toBe(step.price);
    const bounds = Object.values(levels);
    const ends = [...bounds.map(([low]) => low).reverse(), center, ...bounds.map(([, high]) => high)];
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    expect(new Set(ends).size).toBe(9);
  });

  it('[F19] a horizon is warming until 500 times its steps are resolved', () => {
    const forecaster = createSymbolForecaster({ gridMs: 1000, horizonsSeconds: [1, 2], tickSize: 0.01 });
    const warmingUntil = [0, 0];
    garchPath({ steps: 1100, seed: 25 }).forEach((price, i) => {
      const step = forecaster.step({ price });
      if (step.kind === 'withheld') return;
      step.horizons.forEach(({ warming }, j) => {
        if (warming) warmingUntil[j] = i + 1;
      });
    });
    // After the price of index i, i + 1 - horizon outcomes are known.
    expect(warmingUntil).toEqual([500, 1001]);
    expect(forecaster.scores().map(({ warming }) => warming)).toEqual([false, false]);
  });

  it.each([
    [{ gridMs: 0, horizonsSeconds: [1] }],
    [{ gridMs: 1000, horizonsSeconds: [] }],
    [{ gridMs: 1000, horizonsSeconds: [1, 1] }],
    [{ gridMs: 60_000, horizonsSeconds: [90] }],
    [{ gridMs: 1000, horizonsSeconds: [1], tickSize: -1 }],
  ])('[F24] rejects options that cannot work: %j', (options) => {
    expect(() => createSymbolForecaster(options)).toThrow(InvalidOption);
  });
});

describe('snapshot', () => {
  const options = { gridMs: 1000, horizonsSeconds: [1, 10, 60], tickSize: 0.01 };
  const prices = garchPath({ steps: 3000, seed: 26, sigma: 1e-4 });
  const random = createRandom(27);
  const samples: (GridSample | null)[] = prices.map((price) => ({ price, bidSize: random(), askSize: random() }));
  samples.splice(1200, 3, null, null, null);
  samples.splice(1300, 1, { price: 600_000 });
  const run = (forecaster: SymbolForecaster, from: number, to: number): SymbolStep[] =>
    samples.slice(from, to).map((sample) => forecaster.step(sample));

  // 1,202 is inside a gap, 1,301 right after a suspect price, 2,500 after the windows have wrapped.
  it.each([50, 1202, 1301, 2500])('[F40] continues bit for bit after %i steps', (at) => {
    const whole = createSymbolForecaster(options);
    run(whole, 0, at);
    const half = createSymbolForecaster(options);
    half.restore(JSON.parse(JSON.stringify(whole.snapshot())));
    expect(half.snapshot()).toEqual(whole.snapshot());
    expect(run(half, at, at + 400)).toEqual(run(whole, at, at + 400));
    expect(half.scores()).toEqual(whole.scores());
    expect(half.snapshot()).toEqual(whole.snapshot());
  });

  it('[F41] rejects another version, other options and malformed snapshots, and changes nothing', () => {
    const forecaster = createSymbolForecaster(options);
    run(forecaster, 0, 300);
    const good = forecaster.snapshot();
    const refusal = (snapshot: unknown): SnapshotRefused => {
      try {
        forecaster.restore(snapshot);
      } catch (error) {
        if (error instanceof SnapshotRefused) return error;
        throw error;
      }
      throw new Error('the snapshot was accepted');
    };
    expect(refusal({ ...good, version: 3 })).toMatchObject({
      code: 'snapshot-version',
      message: 'snapshot version 3 is unknown; this build reads version 1 and 2',
    });
    expect(refusal({ ...good, horizonsSeconds: [1, 10] }).code).toBe('snapshot-options');
    expect(refusal({ ...good, gridMs: 500 }).code).toBe('snapshot-options');
    for (const malformed of [null, 'text', [], {}, { version: 1 }, { ...good, version: 1 }]) {
      expect(refusal(malformed).name).toBe('SnapshotRefused');
    }
    const horizons = [...good.state.horizons.slice(0, 2), { ...good.state.horizons[2], scorecard: {} }];
    expect(refusal({ ...good, state: { ...good.state, horizons } }).code).toBe('snapshot-malformed');
    const volatility = { ...good.state.volatility, sums: good.state.volatility.sums.slice(4) };
    expect(refusal({ ...good, state: { ...good.state, volatility } }).code).toBe('snapshot-malformed');
    const notANumber = btoa('\0\0\0\0\0\0\xf8\x7f'.repeat(6));
    const poisoned = { ...good.state.volatility, sums: notANumber };
    expect(refusal({ ...good, state: { ...good.state, volatility: poisoned } }).code).toBe('snapshot-malformed');
    expect(forecaster.snapshot()).toEqual(good);
  });

  it('[F42] the snapshots of one symbol are below 200 kB', () => {
    const minutes = createSymbolForecaster({ gridMs: 60_000, horizonsSeconds: [60, 300, 900] });
    const seconds = createSymbolForecaster({ gridMs: 1000, horizonsSeconds: [1, 10, 60, 300] });
    let bytes = 0;
    for (const forecaster of [minutes, seconds]) {
      for (const sample of samples) forecaster.step(sample);
      bytes += JSON.stringify(forecaster.snapshot()).length;
    }
    expect(bytes).toBeLessThan(200_000);
  });
});
