import {
  createSymbolForecaster,
  type HorizonForecast,
  type HorizonScores,
  SnapshotRefused,
  type SymbolForecaster,
  type SymbolStep,
} from '@tickwire/forecast';
import type { Instrument } from '@tickwire/market';
import { type Bar, type Forecast, type ForecastHorizon, maxPriceDecimals } from '@tickwire/protocol';
import { z } from 'zod';
import { toForecastScores } from './forecast-scores.js';
import { createMarketSampler, type MarketNow } from './market-sample.js';
import { createPricePrecision } from './price-precision.js';
import { createSecondGrid, type Moment } from './second-grid.js';

/** Horizons, in seconds: those on the grid of seconds, and those on the grid of minutes. */
const secondHorizons = [1, 10, 60, 300];
const minuteHorizons = [60, 300, 900];
const secondMs = 1_000;
const minuteMs = 60_000;
const minuteSteps = 60;
/** An outage of more steps than this counts as one interruption. */
const maxSteppedGap = 60;

/**
 * The forecasts of one instrument: one a second with the horizons of the grid of seconds and the longer ones of the
 * minute grid. There is none while the stream is not live, or too little was seen. Steps and minutes are counted by
 * monotonic time and labelled by wall time.
 */
export interface Forecasting {
  /** Number of prices taken for bad prints, on the grid of seconds. */
  readonly badPrices: number;
  /** Makes every grid step up to now, all from the present market; returns the newest forecast if there is one. */
  advance(now: Moment, market: MarketNow): Forecast | undefined;
  /**
   * Starts the minute grid with closed minutes of the past, oldest first, as if they had been observed: its horizons
   * have intervals at once. Does nothing if a snapshot was restored, which knows more, or the market was observed for
   * longer.
   */
  warm(minutes: readonly Pick<Bar, 'start' | 'close' | 'trades'>[], wallMs: number): void;
  /** State for `restore`, as plain JSON; undefined before there is any. */
  snapshot(): unknown;
  /**
   * Continues from a snapshot; the steps since then count as missed.
   * @returns why the snapshot was rejected, which changes nothing; undefined if it was accepted
   */
  restore(snapshot: unknown, wallMs: number): string | undefined;
}

/** A snapshot further away from now than this is useless. */
const maxSnapshotAgeMs = 86_400_000;

interface Forecasters {
  readonly seconds: SymbolForecaster;
  readonly minutes: SymbolForecaster;
}

const createForecasters = (): Forecasters => ({
  seconds: createSymbolForecaster({ gridMs: secondMs, horizonsSeconds: secondHorizons }),
  minutes: createSymbolForecaster({ gridMs: minuteMs, horizonsSeconds: minuteHorizons }),
});

export const createForecasting = ({ venue, symbol }: Instrument): Forecasting => {
  const grid = createSecondGrid();
  const sampler = createMarketSampler();
  let forecasters = createForecasters();
  let precision = createPricePrecision();
  /** Wall time at which a snapshot was to continue; undefined after the first step. */
  let resumesAt: number | undefined;
  let minutesSeen = 0;
  /** Steps before the next step of the minute grid; 0 if the next step is one. */
  let untilMinute = 0;
  let longer: readonly HorizonForecast[] = [];
  let longerScores: readonly HorizonScores[] = [];

  /** Skips steps without observations: forecasts due in them stay unresolved. */
  const skip = (missed: number): void => {
    if (missed <= 0) return;
    forecasters.seconds.interrupt(missed);
    const missedMinutes = Math.max(0, Math.ceil((missed - untilMinute) / minuteSteps));
    untilMinute += missedMinutes * minuteSteps - missed;
    if (missedMinutes === 0) return;
    forecasters.minutes.interrupt(missedMinutes);
    longer = [];
  };

  const begin = (first: number): void => {
    const from = resumesAt ?? first;
    if (from <= first) {
      untilMinute = stepsToMinute(from);
      skip((first - from) / secondMs);
    } else {
      // The clock was set back since the snapshot, so the length of the interruption is unknown.
      untilMinute = stepsToMinute(first);
      forecasters.seconds.interrupt();
      forecasters.minutes.interrupt();
    }
  };

  const step = (at: number, market: MarketNow): Forecast | undefined => {
    const sampled = sampler.sample(market);
    const sample = sampled === undefined ? null : { ...sampled, tickSize: precision.tickSize(sampled.price) };
    if (untilMinute === 0) {
      const minute = forecasters.minutes.step(sample);
      minutesSeen += 1;
      longer = minute.kind === 'forecast' ? minute.horizons : [];
      longerScores = forecasters.minutes.scores();
      untilMinute = minuteSteps;
    }
    const longerMadeAt = at - (minuteSteps - untilMinute) * secondMs;
    untilMinute -= 1;
    const second = forecasters.seconds.step(sample);
    const isStarting = second.kind === 'withheld' && second.reason === 'starting' && longer.length > 0;
    const price = second.kind === 'forecast' ? second.price : isStarting ? sample?.price : undefined;
    if (price === undefined) return undefined;
    const finer = second.kind === 'forecast' ? second.horizons : [];
    const scores = withMostOutcomes(forecasters.seconds.scores(), longerScores);
    // If both grids have a horizon, the finer one knows more.
    const others = longer.filter(({ seconds }) => !finer.some((horizon) => horizon.seconds === seconds));
    return {
      type: 'price.forecast',
      venue,
      symbol,
      ts: market.ts,
      rts: at,
      price: precision.print(price),
      horizons: [
        ...finer.map((horizon) => toHorizon(horizon, scores, at, precision.print)),
        ...others.map((horizon) => toHorizon(horizon, longerScores, longerMadeAt, precision.print)),
      ],
    };
  };

  return {
    get badPrices() {
      return forecasters.seconds.badPrices;
    },

    advance(now, market) {
      const { ticker, quote } = market;
      if (grid.next === undefined && ticker === undefined) return undefined;
      precision.know(ticker?.priceDecimals);
      for (const price of [ticker?.last, quote?.bid, quote?.ask]) precision.see(price);
      const isFirst = grid.next === undefined;
      const { first, count, unseen } = grid.due(now);
      if (isFirst) begin(first);
      skip(unseen);
      const missed = count - 1 > maxSteppedGap ? count - 1 : 0;
      skip(missed);
      let newest: Forecast | undefined;
      for (let i = missed; i < count; i += 1) newest = step(first + i * secondMs, market);
      return newest;
    },

    warm(minutes, wallMs) {
      const newest = minutes.at(-1);
      if (newest === undefined || resumesAt !== undefined || minutesSeen >= minutes.length) return;
      const { minutes: warmed } = createForecasters();
      let last: SymbolStep | undefined;
      for (const { close, trades } of minutes) {
        precision.see(close);
        const price = Number(close);
        last = warmed.step({ price, tickSize: precision.tickSize(price), isCarried: trades === 0 });
      }
      const missed = Math.max(0, Math.floor((wallMs - newest.start) / minuteMs) - 1);
      if (missed > 0) warmed.interrupt(missed);
      forecasters = { ...forecasters, minutes: warmed };
      longer = missed === 0 && last?.kind === 'forecast' ? last.horizons : [];
      longerScores = warmed.scores();
    },

    snapshot() {
      if (grid.next === undefined) return undefined;
      const { decimals, hasMoved } = precision;
      const { seconds, minutes } = forecasters;
      const nextSecond = grid.next;
      return { version, decimals, hasMoved, nextSecond, seconds: seconds.snapshot(), minutes: minutes.snapshot() };
    },

    restore(snapshot, wallMs) {
      if (grid.next !== undefined) return 'the forecasts have begun';
      const saved = snapshotShape.safeParse(snapshot);
      if (!saved.success) {
        const [issue] = saved.error.issues;
        return `it has another form (${issue?.path.join('.')}: ${issue?.message})`;
      }
      const { nextSecond, ...state } = saved.data;
      if (Math.abs(wallMs - nextSecond) > maxSnapshotAgeMs) return 'it is more than a day old, or ahead';
      const restored = createForecasters();
      try {
        restored.seconds.restore(state.seconds);
        restored.minutes.restore(state.minutes);
      } catch (error) {
        if (error instanceof SnapshotRefused) return error.message;
        throw error;
      }
      forecasters = restored;
      precision = createPricePrecision(state);
      resumesAt = nextSecond;
      return undefined;
    },
  };
};

/**
 * If both grids have a horizon, its scores are those of the one that has more outcomes. After a start with a past that
 * is the minute grid, for as long as the finer one has nothing to show.
 */
const withMostOutcomes = (
  scores: readonly HorizonScores[],
  longerScores: readonly HorizonScores[],
): readonly HorizonScores[] =>
  scores.map((own) => longerScores.find(({ seconds, n }) => seconds === own.seconds && n > own.n) ?? own);

const stepsToMinute = (label: number): number => (Math.ceil(label / minuteMs) * minuteMs - label) / secondMs;

const version = 1;
const snapshotShape = z.object({
  version: z.literal(version),
  decimals: z.int().min(0).max(maxPriceDecimals),
  hasMoved: z.boolean().default(false),
  nextSecond: z.int().multipleOf(secondMs),
  seconds: z.unknown(),
  minutes: z.unknown(),
});

const toHorizon = (
  horizon: HorizonForecast,
  scores: readonly HorizonScores[],
  madeAt: number,
  print: (price: number) => string,
): ForecastHorizon => {
  const { seconds, center, sigma, levels, warming } = horizon;
  const band = (level: 50 | 80 | 90 | 95): [string, string] => [print(levels[level][0]), print(levels[level][1])];
  return {
    seconds,
    target: madeAt + seconds * secondMs,
    center: print(center),
    sigma,
    levels: { 50: band(50), 80: band(80), 90: band(90), 95: band(95) },
    warming,
    scores: toForecastScores(scores.find((each) => each.seconds === seconds)),
  };
};
