import type { Forecast } from '@tickwire/protocol';

/** Decides whether each price is in the 90 % interval that was forecast for its moment. */
export interface IntervalJudge {
  /** A forecast is a price as well; `undefined` while no interval is known for its moment. */
  judge(forecast: Forecast): { readonly isOutside: boolean } | undefined;
  /** An earlier forecast: only its interval counts. */
  learn(forecast: Forecast): void;
}

interface Promise90 {
  readonly target: number;
  readonly low: number;
  readonly high: number;
}

/** Enough for one forecast a second with the longest horizon. Beyond it the farthest is dropped and not judged. */
const maxPromises = 1_000;
/** An interval is good for its moment, and a little more where forecasts are far apart. */
const slackShare = 0.1;

export const createIntervalJudge = (horizonSeconds: number): IntervalJudge => {
  /** By target, ascending. */
  const promises: Promise90[] = [];
  const slackMs = horizonSeconds * 1_000 * slackShare + 1_000;

  const learn = ({ horizons }: Forecast): void => {
    const horizon = horizons.find(({ seconds }) => seconds === horizonSeconds);
    if (horizon === undefined || promises.length >= maxPromises) return;
    const { target } = horizon;
    const at = promises.findLastIndex((known) => known.target <= target);
    if (promises[at]?.target === target) return;
    const [low, high] = horizon.levels[90];
    promises.splice(at + 1, 0, { target, low: Number(low), high: Number(high) });
  };

  return {
    learn,
    judge(forecast) {
      const { rts } = forecast;
      const due = promises.findLastIndex(({ target }) => target <= rts);
      promises.splice(0, Math.max(0, due));
      const [promise] = promises;
      learn(forecast);
      if (promise === undefined || promise.target > rts || rts - promise.target > slackMs) return undefined;
      const price = Number(forecast.price);
      return { isOutside: price < promise.low || price > promise.high };
    },
  };
};
