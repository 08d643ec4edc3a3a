import {
  createSymbolForecaster,
  type HorizonForecast,
  type HorizonScores,
  type SymbolForecaster,
} from '@tickwire/forecast';
import type { Instrument, Quote } from '@tickwire/market';
import type { Forecast, ForecastHorizon, Ticker } from '@tickwire/protocol';
import { z } from 'zod';
import { toForecastScores } from './forecast-scores.js';

/** Horizons on the grid of seconds, and of minutes. */
const secondHorizons = [1, 10, 60, 300];
const minuteHorizons = [60, 300, 900];
const secondMs = 1_000;
const minuteMs = 60_000;
/** An outage of more steps than this is told as one interruption. */
const maxSteppedGap = 60;

/** What is known of the market at a step of the grid. */
export interface MarketNow {
  /** `last` of the ticker, or the middle of the quote. */
  readonly ticker: Pick<Ticker, 'last'> | undefined;
  readonly quote: Quote | undefined;
  readonly isLive: boolean;
  readonly ts: number;
}

/**
 * The forecasts of one instrument: every second on the grid of seconds, beside them the longer horizons of the minute
 * grid. Withheld while the stream is not live, and while too little was seen.
 */
export interface Forecasting {
  /** Makes every grid step up to `nowMs`, all with what is known now; returns the newest forecast if there is one. */
  advance(nowMs: number, market: MarketNow): Forecast | undefined;
  /** What `restore` goes on from, as plain JSON; undefined before there is anything to keep. */
  snapshot(): unknown;
  /** Goes on where a snapshot was taken; the steps since count as missed. False for one that cannot be used. */
  restore(snapshot: unknown, nowMs: number): boolean;
}

/** A snapshot older than this says nothing about now. */
const maxSnapshotAgeMs = 86_400_000;

export const createForecasting = ({ venue, symbol }: Instrument): Forecasting => {
  let seconds: SymbolForecaster | undefined;
  let minutes: SymbolForecaster | undefined;
  let decimals = 0;
  let nextSecond: number | undefined;
  let longer: readonly HorizonForecast[] = [];
  let longerMadeAt = 0;
  let longerScores: readonly HorizonScores[] = [];
  let hasJustBeenRestored = false;

  const begin = (priceDecimals: number): void => {
    decimals = priceDecimals;
    const tickSize = 10 ** -decimals;
    seconds = createSymbolForecaster({ gridMs: secondMs, horizonsSeconds: secondHorizons, tickSize });
    minutes = createSymbolForecaster({ gridMs: minuteMs, horizonsSeconds: minuteHorizons, tickSize });
  };

  /** Steps that nobody watched: forecasts due in them stay unresolved. */
  const skip = (missed: number): void => {
    if (nextSecond === undefined) return;
    const until = nextSecond + missed * secondMs;
    const missedMinutes = Math.ceil(until / minuteMs) - Math.ceil(nextSecond / minuteMs);
    seconds?.interrupt(missed);
    if (missedMinutes > 0) minutes?.interrupt(missedMinutes);
    nextSecond = until;
  };

  const step = (at: number, market: MarketNow): Forecast | undefined => {
    const sample = market.isLive ? sampleOf(market) : undefined;
    if (at % minuteMs === 0) {
      const minute = minutes?.step(sample ?? null);
      longer = minute?.kind === 'forecast' ? minute.horizons : [];
      longerMadeAt = at;
      longerScores = minutes?.scores() ?? [];
    }
    const second = seconds?.step(sample ?? null);
    if (second?.kind !== 'forecast') return undefined;
    const { price, horizons } = second;
    const scores = seconds?.scores() ?? [];
    // Where both grids have a horizon, the finer one knows more.
    const others = longer.filter((horizon) => !secondHorizons.includes(horizon.seconds));
    return {
      type: 'price.forecast',
      venue,
      symbol,
      ts: market.ts,
      rts: at,
      price: print(price, decimals),
      horizons: [
        ...horizons.map((horizon) => toHorizon(horizon, scores, at, decimals)),
        ...others.map((horizon) => toHorizon(horizon, longerScores, longerMadeAt, decimals)),
      ],
    };
  };

  return {
    advance(nowMs, market) {
      if (nextSecond === undefined) {
        if (market.ticker === undefined) return undefined;
        begin(decimalsOf([market.ticker.last, market.quote?.bid, market.quote?.ask]));
        nextSecond = Math.ceil(nowMs / secondMs) * secondMs;
      }
      const missed = Math.floor((nowMs - nextSecond) / secondMs);
      if (missed > (hasJustBeenRestored ? 0 : maxSteppedGap)) skip(missed);
      hasJustBeenRestored = false;
      let newest: Forecast | undefined;
      while (nextSecond <= nowMs) {
        newest = step(nextSecond, market);
        nextSecond += secondMs;
      }
      return newest;
    },

    snapshot() {
      if (seconds === undefined || minutes === undefined || nextSecond === undefined) return undefined;
      return { version, decimals, nextSecond, seconds: seconds.snapshot(), minutes: minutes.snapshot() };
    },

    restore(snapshot, nowMs) {
      const saved = snapshotShape.safeParse(snapshot);
      if (!saved.success || saved.data.nextSecond > nowMs || nowMs - saved.data.nextSecond > maxSnapshotAgeMs)
        return false;
      begin(saved.data.decimals);
      try {
        seconds?.restore(saved.data.seconds);
        minutes?.restore(saved.data.minutes);
      } catch {
        begin(0);
        return false;
      }
      // `advance` sees how far behind this is, and tells the forecasters what they missed.
      nextSecond = saved.data.nextSecond;
      hasJustBeenRestored = true;
      return true;
    },
  };
};

const version = 1;
const snapshotShape = z.object({
  version: z.literal(version),
  decimals: z.int().min(0).max(20),
  nextSecond: z.int(),
  seconds: z.unknown(),
  minutes: z.unknown(),
});

const sampleOf = ({ ticker, quote }: MarketNow): { price: number; bidSize?: number; askSize?: number } | undefined => {
  if (quote !== undefined) {
    const price = (Number(quote.bid) + Number(quote.ask)) / 2;
    return { price, bidSize: Number(quote.bidSize), askSize: Number(quote.askSize) };
  }
  return ticker === undefined ? undefined : { price: Number(ticker.last) };
};

const toHorizon = (
  horizon: HorizonForecast,
  scores: readonly HorizonScores[],
  madeAt: number,
  decimals: number,
): ForecastHorizon => {
  const { seconds, center, sigma, levels, warming } = horizon;
  const band = (level: 50 | 80 | 90 | 95): readonly [string, string] => [
    print(levels[level][0], decimals),
    print(levels[level][1], decimals),
  ];
  return {
    seconds,
    target: madeAt + seconds * 1_000,
    center: print(center, decimals),
    sigma,
    levels: { 50: band(50), 80: band(80), 90: band(90), 95: band(95) },
    warming,
    scores: toForecastScores(scores.find((each) => each.seconds === seconds)),
  };
};

/** Two digits finer than the venue's prices: a band may be narrower than a tick. */
const print = (price: number, decimals: number): string => price.toFixed(Math.min(decimals + 2, 20));

/** How many decimals prices really use: venues pad theirs with zeros. */
const decimalsOf = (prices: readonly (string | undefined)[]): number =>
  Math.max(...prices.map((price) => (price?.split('.')[1] ?? '').replace(/0+$/, '').length));
