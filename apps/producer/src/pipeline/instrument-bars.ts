import {
  type BarCounters,
  type BuiltInterval,
  createBarBuilder,
  createBarFolder,
  type FeedEvent,
  type Instrument,
} from '@tickwire/market';
import { type Bar, type BarInterval, compareDecimals, periodOf, type Trade } from '@tickwire/protocol';

export interface InstrumentBarsOptions extends Instrument {
  /** Called for a trade that no bar of this interval accepted; see `BarBuilderOptions`. */
  readonly onDroppedTrade?: ((trade: Trade, reason: 'late' | 'ahead', interval: BuiltInterval) => void) | undefined;
}

/** Closed bars from before the first trade, oldest first. */
export interface BarPast {
  readonly minutes: readonly Bar[];
  readonly hours: readonly Bar[];
  readonly days: readonly Bar[];
  /** Start of the newest published bar of each interval. */
  readonly published: ReadonlyMap<BarInterval, number>;
}

/**
 * The bars of an instrument, of every interval: seconds and minutes are made of trades, longer ones are folded from
 * minutes and hours. Returned bars are to be published; they are in order for each interval.
 */
export interface InstrumentBars {
  add(event: FeedEvent, steadyMs?: number): readonly Bar[];
  /** Returns the bars that time closes, and the open bars that changed. */
  flush(nowMs: number, steadyMs: number): readonly Bar[];
  /**
   * From now on closed minutes, and bars folded from them, wait for the bars before them: for at most ten minutes, and
   * at most 300 minutes of them.
   */
  hold(): void;
  /**
   * Ends the wait. Returns the past bars that are not published yet, and the bars that waited for them; nothing if the
   * wait is over.
   */
  fill(past: BarPast): { readonly past: readonly Bar[]; readonly live: readonly Bar[] };
  /** Starts of minutes that lack trades or did not close, of the last two days. */
  lacking(): readonly number[];
  /**
   * Takes closed minutes from the venue. Returns those that lacked trades, corrected, and the longer bars they belong
   * to.
   */
  mend(minutes: readonly Bar[]): readonly Bar[];
  /** Stops asking for minutes that the venue does not have. */
  giveUp(starts: readonly number[]): void;
  /** Losses of the bars that are made of trades. */
  readonly counters: ReadonlyMap<BuiltInterval, Readonly<BarCounters>>;
}

const minuteMs = 60_000;
const maxLacking = 2_880;
const maxWaiting = 300;
const maxWaitMs = 600_000;
const nothing: BarPast = { minutes: [], hours: [], days: [], published: new Map() };

export const createInstrumentBars = ({ onDroppedTrade, ...instrument }: InstrumentBarsOptions): InstrumentBars => {
  const builderOf = (interval: BuiltInterval) =>
    createBarBuilder({
      ...instrument,
      interval,
      ...(onDroppedTrade && { onDroppedTrade: (trade, reason) => onDroppedTrade(trade, reason, interval) }),
    });
  const [seconds, minutes] = [builderOf('1s'), builderOf('1m')];
  const hours = createBarFolder({ ...instrument, interval: '1h' });
  const ofMinutes = [
    createBarFolder({ ...instrument, interval: '5m' }),
    createBarFolder({ ...instrument, interval: '15m' }),
  ];
  const ofHours = [
    createBarFolder({ ...instrument, interval: '4h' }),
    createBarFolder({ ...instrument, interval: '1d' }),
  ];

  const foldHour = (hour: Bar): readonly Bar[] => [hour, ...ofHours.flatMap((folder) => folder.add(hour))];

  /** Minutes that lack trades by their start, as far as we have them, in the order of detection. */
  const lacking = new Map<number, Bar | undefined>();
  let newestMinute: number | undefined;

  const lack = (start: number, bar?: Bar): void => {
    lacking.set(start, bar);
    for (const oldest of lacking.keys()) if (lacking.size > maxLacking) lacking.delete(oldest);
  };

  const look = (bar: Bar): void => {
    const { start, incomplete } = bar;
    const from = Math.max((newestMinute ?? start) + minuteMs, start - maxLacking * minuteMs);
    for (let missing = from; missing < start; missing += minuteMs) lack(missing);
    newestMinute = Math.max(newestMinute ?? start, start);
    if (incomplete) lack(start, bar);
    else lacking.delete(start);
  };

  const foldMinute = (minute: Bar): readonly Bar[] => {
    if (minute.closed) look(minute);
    return [minute, ...ofMinutes.flatMap((folder) => folder.add(minute)), ...hours.add(minute).flatMap(foldHour)];
  };

  /** Closed minutes that wait, by their start; undefined if there is nothing to wait for. */
  let waiting: Map<number, Bar> | undefined;
  let waitingSince: number | undefined;
  /** The oldest minute that trades have not closed. */
  let openStart: number | undefined;

  const takeMinute = (minute: Bar): readonly Bar[] => {
    if (waiting === undefined) return foldMinute(minute);
    if (!minute.closed) {
      openStart ??= minute.start;
      return [minute];
    }
    openStart = minute.start + minuteMs;
    waiting.set(minute.start, minute);
    return waiting.size > maxWaiting ? fill(nothing).live : [];
  };

  const endWait = (steadyMs: number): readonly Bar[] => {
    if (waiting === undefined) return [];
    waitingSince ??= steadyMs;
    return steadyMs - waitingSince > maxWaitMs ? fill(nothing).live : [];
  };

  const fill: InstrumentBars['fill'] = (past) => {
    const held = [...(waiting?.values() ?? [])];
    waiting = undefined;
    const newest = new Map(past.published);
    const isNew = ({ interval, start }: Bar): boolean => {
      if (start <= (newest.get(interval) ?? Number.NEGATIVE_INFINITY)) return false;
      newest.set(interval, start);
      return true;
    };
    // Leaves out a longer bar if the known past begins in its middle.
    const since = (parts: readonly Bar[]) => {
      const from = parts[0]?.start ?? 0;
      return ({ start }: Bar): boolean => start >= from;
    };
    // A minute that trades have not closed is not over, even if our clock, by which the past was requested, says so.
    const until = openStart ?? Number.POSITIVE_INFINITY;
    const isOver = (bar: Bar): boolean => periodOf(bar.interval, bar.start).end <= until;
    const days = past.days.filter(isOver);
    const pastHours = past.hours.filter(isOver);
    const pastMinutes = past.minutes.filter(isOver);
    const known = new Set(pastHours.map(({ start }) => start));
    const foldUnknownHour = (hour: Bar): readonly Bar[] => (known.has(hour.start) ? [] : foldHour(hour));
    const bars = [
      ...days,
      ...pastHours.flatMap(foldHour).filter(since(pastHours)),
      ...pastMinutes
        .flatMap((minute) => [
          minute,
          ...ofMinutes.flatMap((folder) => folder.add(minute)),
          ...hours.add(minute).flatMap(foldUnknownHour),
        ])
        .filter(since(pastMinutes)),
    ].filter(isNew);
    // An incomplete minute from before the start, or one that was never published, is still lacking.
    for (const minute of pastMinutes) look(minute);
    const live = held.filter(isNew).flatMap((minute) => foldMinute(minute));
    return { past: bars, live: live.filter((bar) => bar.interval === '1m' || isNew(bar)) };
  };

  return {
    add: (event, steadyMs) => [...seconds.add(event, steadyMs), ...minutes.add(event, steadyMs).flatMap(takeMinute)],
    flush: (nowMs, steadyMs) => [
      ...endWait(steadyMs),
      ...seconds.flush(nowMs, steadyMs),
      ...minutes.flush(nowMs, steadyMs).flatMap(takeMinute),
      ...ofMinutes.flatMap((folder) => folder.flush(steadyMs)),
      ...hours.flush(steadyMs).flatMap(foldHour),
      ...ofHours.flatMap((folder) => folder.flush(steadyMs)),
    ],
    lacking: () => [...lacking.keys()].sort((a, b) => a - b),
    mend: (minutes) =>
      minutes
        .filter(({ closed, incomplete, start }) => closed && !incomplete && lacking.has(start))
        .flatMap((minute) => foldMinute(withOurs(minute, lacking.get(minute.start)))),
    giveUp(starts) {
      for (const start of starts) lacking.delete(start);
    },
    hold() {
      waiting ??= new Map();
    },
    fill: (past) => (waiting === undefined ? { past: [], live: [] } : fill(past)),
    counters: new Map([
      ['1s', seconds.counters],
      ['1m', minutes.counters],
    ]),
  };
};

/** If the venue's volume is ours, nothing was missed: ours also says what takers bought, and how many trades there were. */
const withOurs = (minute: Bar, ours: Bar | undefined): Bar => {
  if (ours?.takerBuyVolume === undefined || ours.takerBuyQuoteVolume === undefined) return minute;
  if (minute.takerBuyVolume !== undefined || compareDecimals(ours.volume, minute.volume) !== 0) return minute;
  const { quoteVolume, takerBuyVolume, takerBuyQuoteVolume, trades } = ours;
  return { ...minute, quoteVolume, takerBuyVolume, takerBuyQuoteVolume, trades };
};
