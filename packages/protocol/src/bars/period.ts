const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Periods with a fixed length; a month has none. */
const lengths = {
  '1s': secondMs,
  '1m': minuteMs,
  '3m': 3 * minuteMs,
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '30m': 30 * minuteMs,
  '1h': hourMs,
  '2h': 2 * hourMs,
  '4h': 4 * hourMs,
  '6h': 6 * hourMs,
  '8h': 8 * hourMs,
  '12h': 12 * hourMs,
  '1d': dayMs,
  '3d': 3 * dayMs,
  '1w': 7 * dayMs,
} as const;

type FixedPeriodName = keyof typeof lengths;
/** The possible lengths of a bar. */
export type PeriodName = FixedPeriodName | '1M';

/** All of them, the shortest first. */
export const periodNames: readonly PeriodName[] = [...(Object.keys(lengths) as FixedPeriodName[]), '1M'];

export interface Period {
  readonly start: number;
  /** The first millisecond after it. */
  readonly end: number;
}

const monday = Date.UTC(1970, 0, 5);

export const isPeriodName = (name: string): name is PeriodName => name === '1M' || Object.hasOwn(lengths, name);

/**
 * The period of this kind that contains a moment. Days begin at midnight UTC, weeks on Monday. A zone's midnight is
 * `offsetMs` earlier.
 */
export const periodOf = (name: PeriodName, atMs: number, offsetMs = 0): Period => {
  const localMs = atMs + offsetMs;
  if (name === '1M') {
    const date = new Date(localMs);
    const monthOn = (months: number): number =>
      Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) - offsetMs;
    return { start: monthOn(0), end: monthOn(1) };
  }
  const length = lengths[name];
  const origin = name === '1w' ? monday : 0;
  const start = Math.floor((localMs - origin) / length) * length + origin - offsetMs;
  return { start, end: start + length };
};

/** The longest of `names` that divides every period of `name` evenly, in a zone `offsetMs` east. */
export const longestPart = <P extends FixedPeriodName>(
  name: PeriodName,
  names: readonly P[],
  offsetMs = 0,
): P | undefined => {
  const wholeMs = name === '1M' ? dayMs : lengths[name];
  const fitting = names.filter((part) => wholeMs % lengths[part] === 0 && offsetMs % lengths[part] === 0);
  return fitting.sort((a, b) => lengths[b] - lengths[a])[0];
};
