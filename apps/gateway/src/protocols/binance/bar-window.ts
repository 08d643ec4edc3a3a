import { type BarPart, foldBars } from '@tickwire/protocol';

const minuteMs = 60_000;

/** The newest minutes of a market, so many at most, the last one in parts or whole. */
export interface BarWindow {
  /** A minute that is known already takes the place of what was known of it. */
  add(bar: BarPart): void;
  /** All of them as one; undefined before the first. */
  folded(): BarPart | undefined;
}

export const createBarWindow = (minutes: number): BarWindow => {
  const bars = new Map<number, BarPart>();
  let newestStart = Number.NEGATIVE_INFINITY;

  return {
    add(bar) {
      const minute = Math.floor(bar.start / minuteMs) * minuteMs;
      const oldestStart = Math.max(newestStart, minute) - (minutes - 1) * minuteMs;
      if (bar.start < oldestStart) return;
      bars.set(bar.start, bar);
      if (minute <= newestStart) return;
      newestStart = minute;
      for (const start of bars.keys()) if (start < oldestStart) bars.delete(start);
    },
    folded() {
      const [first, ...rest] = [...bars.values()].sort((a, b) => a.start - b.start);
      if (first === undefined) return undefined;
      return foldBars([first, ...rest], { start: first.start, end: newestStart + minuteMs });
    },
  };
};
