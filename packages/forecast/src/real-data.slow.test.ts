import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createSymbolForecaster, type GridSample } from './symbol-forecaster.js';
import { compareWithGolden, parseGolden } from './testing/golden.js';
import { garchPath } from './testing/series.js';

/**
 * Reads an unpacked recording beside the repository. Recordings are other people's data and not part of the repository.
 * If there is none, a notice is printed and the caller uses generated data, or checks nothing.
 */
const readRecording = (path: string): string | undefined => {
  const file = new URL(`../../../../shared/data/${path}`, import.meta.url);
  if (!existsSync(file)) {
    process.stderr.write(`NOTICE: no recording ${path} beside the repository\n`);
    return undefined;
  }
  return gunzipSync(readFileSync(file)).toString('utf8');
};

/** Rows of a CSV without its header. */
const csvRows = (csv: string): string[][] =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

/** Closes of every minute; minutes without a trade carry the price forward. */
const minuteCloses = (csv: string): number[] => {
  const closes: number[] = [];
  let nextMinute: number | undefined;
  for (const [openMs, , , , close] of csvRows(csv)) {
    const minute = Number(openMs) / 60_000;
    for (nextMinute ??= minute; nextMinute < minute; nextMinute++) closes.push(closes.at(-1) as number);
    closes.push(Number(close));
    nextMinute = minute + 1;
  }
  return closes;
};

/** The last quote of every second. */
const secondQuotes = (csv: string): GridSample[] => {
  const samples: GridSample[] = [];
  let last: GridSample | undefined;
  let second: number | undefined;
  for (const [receivedNs = '', , , bid, bidSize, ask, askSize] of csvRows(csv)) {
    const at = Number(receivedNs.slice(0, -9));
    for (second ??= at; second < at; second++) if (last !== undefined) samples.push(last);
    last = { price: (Number(bid) + Number(ask)) / 2, bidSize: Number(bidSize), askSize: Number(askSize) };
  }
  return samples;
};

describe('recorded data', () => {
  it.each([1, 5])('[F50] agrees with the golden vectors of recorded prices, %i steps ahead', (horizonSteps) => {
    const csv = readRecording(`golden/golden-forecaster-bitfinex-btcusd-1m-h${horizonSteps}.csv.gz`);
    if (csv === undefined) return;
    const rows = parseGolden(csv);
    expect(rows).toHaveLength(5000);
    const difference = compareWithGolden(rows, { horizonSteps });
    expect(difference.shape).toBe(0);
    expect(difference.widths).toBeLessThan(1e-9);
    expect(difference.returns).toBeLessThan(1e-14);
  });

  it.each([1, 5, 15])('[F60] agrees with the golden vectors of version 2, %i minutes ahead', (horizonSteps) => {
    const csv = readRecording(`golden/golden-v2-synthetic-h${horizonSteps}.csv.gz`);
    if (csv === undefined) return;
    const rows = parseGolden(csv);
    expect(rows).toHaveLength(4000);
    const difference = compareWithGolden(rows, { horizonSteps, gridMs: 60_000 });
    expect(difference.shape).toBe(0);
    expect(difference.widths).toBeLessThan(1e-9);
    expect(difference.returns).toBeLessThan(1e-12);
  });

  it('[F51] half a year of Bitfinex minutes: coverage, and gain over the constant band', () => {
    const csv = readRecording('recorded/bitfinex-btcusd-1m-2019H1.csv.gz');
    // For the substitute, only properties of any such path are checked; the exact numbers apply to the recording.
    const prices = csv === undefined ? garchPath({ steps: 50_000, seed: 51, sigma: 5e-4 }) : minuteCloses(csv);
    const leastGains = csv === undefined ? [0, 0, -1] : [13.5, 8.5, 5];
    const forecaster = createSymbolForecaster({ gridMs: 60_000, horizonsSeconds: [60, 300, 900], tickSize: 0.01 });
    for (const price of prices) forecaster.step({ price });
    if (csv !== undefined) expect(prices).toHaveLength(260_640);
    const scores = forecaster.scores();
    for (const [i, leastGain] of leastGains.entries()) {
      for (const level of [80, 90, 95] as const) {
        expect(Math.abs((scores[i]?.levels[level].coverage ?? 0) - level / 100)).toBeLessThan(0.003);
      }
      expect(scores[i]?.levels[90].gain).toBeGreaterThanOrEqual(leastGain);
      expect(scores[i]?.n).toBeGreaterThan(prices.length - 120);
    }
    expect(forecaster.badPrices).toBe(0);
  });

  it.each(['btcusdt', 'ethusdt'])('[F52] Binance %s, 1 s: the imbalance is better than the random walk', (symbol) => {
    const csv = readRecording(`recorded/binance-spot-${symbol}-20240809.bookticker.csv.gz`);
    if (csv === undefined) return;
    const samples = secondQuotes(csv);
    const forecaster = createSymbolForecaster({ gridMs: 1000, horizonsSeconds: [1], tickSize: 0.01 });
    for (const sample of samples) forecaster.step(sample);
    const [scores] = forecaster.scores();
    expect(scores?.point.skill).toBeGreaterThan(0.05);
    expect(scores?.point.dm).toBeGreaterThan(2);
    expect(scores?.point.hitRate).toBeGreaterThan(0.65);
  });
});
