import type { Forecast, ForecastHorizon, IntervalLevel } from '@tickwire/protocol';

export const fanLevels = ['95', '90', '80', '50'] as const satisfies readonly IntervalLevel[];

/** The intervals at one moment of a fan, as prices. */
export interface FanPoint {
  readonly at: number;
  readonly center: number;
  readonly levels: Readonly<Record<IntervalLevel, readonly [low: number, high: number]>>;
}

/** A forecast up to one horizon, ready to be drawn as it was when it was made. */
export interface Fan {
  readonly madeAt: number;
  readonly target: number;
  /** The price it was made at. */
  readonly price: number;
  /** From the moment it was made, where it has no width, to its target. */
  readonly points: readonly FanPoint[];
  readonly isWarming: boolean;
}

const stepsBetween = 8;

/** `undefined` when the forecast does not reach that far. */
export const fanOf = (forecast: Forecast, horizonSeconds: number): Fan | undefined => {
  const end = forecast.horizons.find(({ seconds }) => seconds === horizonSeconds);
  if (end === undefined) return undefined;
  const madeAt = end.target - horizonSeconds * 1_000;
  // The longest horizons are made on the grid of minutes: they began up to a minute ago, at the price of that time.
  const price = Number(madeAt === forecast.rts ? forecast.price : end.center);
  const horizons = forecast.horizons
    .filter(({ seconds, target }) => seconds <= horizonSeconds && target > madeAt)
    .sort((a, b) => a.target - b.target);
  const points: FanPoint[] = [originOf(madeAt, price)];
  for (const horizon of horizons) {
    const from = points.at(-1) as FanPoint;
    const to = pointOf(horizon);
    for (let step = 1; step < stepsBetween; step += 1) points.push(between(from, to, step / stepsBetween));
    points.push(to);
  }
  return { madeAt, target: end.target, price, points, isWarming: end.warming };
};

const originOf = (at: number, price: number): FanPoint => {
  const none = [price, price] as const;
  return { at, center: price, levels: { 50: none, 80: none, 90: none, 95: none } };
};

const pointOf = ({ target, center, levels }: ForecastHorizon): FanPoint => {
  const pair = (level: IntervalLevel) => [Number(levels[level][0]), Number(levels[level][1])] as const;
  return {
    at: target,
    center: Number(center),
    levels: { 50: pair('50'), 80: pair('80'), 90: pair('90'), 95: pair('95') },
  };
};

/** Between two horizons the variance grows evenly, so squares of the half widths are what is linear in time. */
const between = (from: FanPoint, to: FanPoint, share: number): FanPoint => {
  const linear = (a: number, b: number): number => a + (b - a) * share;
  const center = linear(from.center, to.center);
  const edge = (level: IntervalLevel, side: 0 | 1): number => {
    const a = from.levels[level][side] - from.center;
    const b = to.levels[level][side] - to.center;
    const width = Math.sqrt(Math.max(0, linear(a * a, b * b)));
    return side === 0 ? center - width : center + width;
  };
  const pair = (level: IntervalLevel) => [edge(level, 0), edge(level, 1)] as const;
  return {
    at: linear(from.at, to.at),
    center,
    levels: { 50: pair('50'), 80: pair('80'), 90: pair('90'), 95: pair('95') },
  };
};

/** Lowest and highest price of a fan. */
export const fanExtent = ({ points }: Fan): readonly [low: number, high: number] => {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { levels } of points) {
    low = Math.min(low, levels[95][0]);
    high = Math.max(high, levels[95][1]);
  }
  return [low, high];
};
