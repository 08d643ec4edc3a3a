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
  /** All but the newest minute, as one: they change once a minute, and are folded only then. */
  let past: readonly BarPart[] | undefined;

  const foldedTo = (some: Iterable<BarPart>): readonly BarPart[] => {
    const [first, ...rest] = [...some].sort((a, b) => a.start - b.start);
    return first === undefined ? [] : [foldBars([first, ...rest], { start: first.start, end: newestStart + minuteMs })];
  };

  return {
    add(bar) {
      const minute = Math.floor(bar.start / minuteMs) * minuteMs;
      const oldestStart = Math.max(newestStart, minute) - (minutes - 1) * minuteMs;
      if (bar.start < oldestStart) return;
      bars.set(bar.start, bar);
      if (minute !== newestStart) past = undefined;
      if (minute <= newestStart) return;
      newestStart = minute;
      for (const start of bars.keys()) if (start < oldestStart) bars.delete(start);
    },
    folded() {
      const all = [...bars.values()];
      past ??= foldedTo(all.filter(({ start }) => start < newestStart));
      return foldedTo([...past, ...all.filter(({ start }) => start >= newestStart)])[0];
    },
  };
};
