import { type BarPart, foldBars, type Period, periodOf } from '@tickwire/protocol';
import type { KlineKind } from './bar-part.js';

/** A kline and where its period ends. */
export interface Kline extends BarPart {
  readonly endMs: number;
}

/** Klines that grow with the bars they are made of. */
export interface RollingFold {
  /** The kline this bar is in, as it is now; undefined for a bar before the newest. */
  add(bar: BarPart): Kline | undefined;
}

/** Each bar costs a fold of two, however many the period has. */
export const createRollingFold = ({ period: name, offsetMs }: KlineKind): RollingFold => {
  let period: Period = { start: 0, end: Number.NEGATIVE_INFINITY };
  /** All bars of the period before the newest. */
  let before: BarPart | undefined;
  let newest: BarPart | undefined;

  return {
    add(bar) {
      if (newest !== undefined && bar.start < newest.start) return undefined;
      if (bar.start >= period.end) {
        period = periodOf(name, bar.start, offsetMs);
        before = undefined;
      } else if (newest !== undefined && bar.start > newest.start) {
        before = foldBars(before === undefined ? [newest] : [before, newest], period);
      }
      newest = bar;
      return { ...foldBars(before === undefined ? [bar] : [before, bar], period), endMs: period.end };
    },
  };
};
