/** A value at a time. */
export interface Point {
  readonly minutes: number;
  readonly value: number;
}

/** The straight line that is nearest to some points by least squares. */
export interface Trend {
  readonly perMinute: number;
  /** Height of the line at the first point. */
  readonly level: number;
  /** By how much the line rises from the first point to the last. */
  readonly drift: number;
  /** Standard error of the drift: what it may be by chance, with points this far from the line. */
  readonly error: number;
}

/** Flat where there are too few points for a slope. */
export const trendOf = (points: readonly Point[]): Trend => {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return { perMinute: 0, level: 0, drift: 0, error: 0 };
  const meanMinutes = mean(points.map(({ minutes }) => minutes));
  const meanValue = mean(points.map(({ value }) => value));
  const spread = points.reduce((sum, { minutes }) => sum + (minutes - meanMinutes) ** 2, 0);
  const product = points.reduce((sum, { minutes, value }) => sum + (minutes - meanMinutes) * (value - meanValue), 0);
  const perMinute = spread === 0 ? 0 : product / spread;
  const beside = points.reduce(
    (sum, { minutes, value }) => sum + (value - meanValue - perMinute * (minutes - meanMinutes)) ** 2,
    0,
  );
  const lasted = last.minutes - first.minutes;
  return {
    perMinute,
    level: meanValue + perMinute * (first.minutes - meanMinutes),
    drift: perMinute * lasted,
    error: spread === 0 || points.length < 3 ? 0 : lasted * Math.sqrt(beside / (points.length - 2) / spread),
  };
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
