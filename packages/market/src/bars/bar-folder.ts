import { type Bar, type BarInterval, type BarPart, foldBars, type Period, partOf, periodOf } from '@tickwire/protocol';
import type { Instrument } from '../feed.js';

export interface BarFolderOptions extends Instrument {
  readonly interval: BarInterval;
  /** Shortest time between two updates of the open bar. @default 1_000 */
  readonly updateMs?: number;
}

/**
 * Longer bars of an instrument, folded from shorter ones. A bar closes when the shorter ones reach its end, or when a
 * later one closes. It is `incomplete` if a shorter one is missing or incomplete. A shorter bar that comes again makes
 * its longer bar come again, if that one was closed and changes; this works for the newest two.
 */
export interface BarFolder {
  /**
   * Takes a closed bar, or the present state of the open one. Returns the bars that this closes or corrects, oldest
   * first.
   */
  add(bar: Bar): readonly Bar[];
  /** Returns the open bar if it changed and its last update is `updateMs` ago. */
  flush(steadyMs: number): readonly Bar[];
}

/** The shorter bars of a longer one, and the result. */
interface Folding {
  readonly period: Period;
  /** Closed parts by their start. */
  readonly parts: Map<number, Bar>;
  open: Bar | undefined;
  /** Result of the closed parts; undefined if they changed since. */
  folded: BarPart | undefined;
  closed: Bar | undefined;
}

const none: readonly Bar[] = Object.freeze([]);
const maxFoldings = 3;

export const createBarFolder = ({ venue, symbol, interval, updateMs = 1_000 }: BarFolderOptions): BarFolder => {
  /** Oldest first: the last closed one, the open one, and one that a shorter bar may have begun already. */
  let foldings: Folding[] = [];
  let hasChanged = false;
  let updatedAt = Number.NEGATIVE_INFINITY;

  const foldingOf = (start: number): Folding | undefined => {
    const period = periodOf(interval, start);
    const known = foldings.find((folding) => folding.period.start === period.start);
    if (known !== undefined) return known;
    const last = foldings.at(-1);
    // Older than the remembered bars: it is not needed.
    if (last !== undefined && last.period.start > period.start) return undefined;
    const folding = { period, parts: new Map(), open: undefined, folded: undefined, closed: undefined };
    foldings = [...foldings, folding].slice(-maxFoldings);
    return folding;
  };

  const foldClosed = (folding: Folding): BarPart | undefined => {
    if (folding.folded !== undefined) return folding.folded;
    const [first, ...rest] = [...folding.parts.values()].sort((a, b) => a.start - b.start).map(partOf);
    if (first !== undefined) folding.folded = foldBars([first, ...rest], folding.period);
    return folding.folded;
  };

  const toBar = (folding: Folding, part: BarPart): Bar => {
    const { end: _, ...figures } = part;
    const isOfVenue = [...folding.parts.values()].some(({ source }) => source === 'venue');
    return { type: 'price.bar', venue, symbol, interval, ...figures, ...(isOfVenue && { source: 'venue' }) };
  };

  /** Undefined if it was closed before and did not change. */
  const close = (folding: Folding): Bar | undefined => {
    const part = foldClosed(folding);
    if (part === undefined) return undefined;
    const isCut = part.end < folding.period.end;
    const bar = toBar(folding, { ...part, closed: true, ...(isCut && { incomplete: true }) });
    if (folding.closed !== undefined && isSame(folding.closed, bar)) return undefined;
    folding.closed = bar;
    return bar;
  };

  const addClosed = (bar: Bar): readonly Bar[] => {
    const folding = foldingOf(bar.start);
    if (folding === undefined) return none;
    folding.parts.set(bar.start, bar);
    folding.folded = undefined;
    if (folding.open !== undefined && folding.open.start <= bar.start) folding.open = undefined;
    hasChanged = true;
    // Only what is done is folded: all parts for each of them would be thousands of sums for a day of minutes.
    const reachesEnd = partOf(bar).end >= folding.period.end;
    const isDone = (each: Folding): boolean =>
      each.period.start < folding.period.start || each.closed !== undefined || (each === folding && reachesEnd);
    return foldings.filter(isDone).flatMap((each) => close(each) ?? []);
  };

  return {
    add(bar) {
      if (bar.closed) return addClosed(bar);
      const folding = foldingOf(bar.start);
      if (folding === undefined || folding.closed !== undefined || folding.parts.has(bar.start)) return none;
      folding.open = bar;
      hasChanged = true;
      return none;
    },
    flush(steadyMs) {
      const folding = foldings.at(-1);
      if (folding === undefined || !hasChanged || steadyMs - updatedAt < updateMs) return none;
      hasChanged = false;
      const closed = foldClosed(folding);
      const open = folding.open && partOf(folding.open);
      const parts = [closed, open].filter((part) => part !== undefined);
      const [first, ...rest] = parts;
      if (first === undefined || folding.closed !== undefined) return none;
      updatedAt = steadyMs;
      return [toBar(folding, { ...foldBars([first, ...rest], folding.period), closed: false })];
    },
  };
};

const isSame = (a: Bar, b: Bar): boolean =>
  a.incomplete === b.incomplete &&
  a.trades === b.trades &&
  a.volume === b.volume &&
  a.open === b.open &&
  a.high === b.high &&
  a.low === b.low &&
  a.close === b.close;
