import {
  type BarCounters,
  type BuiltInterval,
  createBarBuilder,
  createBarFolder,
  type FeedEvent,
  type Instrument,
} from '@tickwire/market';
import type { Bar, Trade } from '@tickwire/protocol';

export interface InstrumentBarsOptions extends Instrument {
  /** A trade that no bar of this interval took: see `BarBuilderOptions`. */
  readonly onDroppedTrade?: ((trade: Trade, reason: 'late' | 'ahead', interval: BuiltInterval) => void) | undefined;
}

/**
 * The bars of an instrument, of every interval: seconds and minutes are made of trades, longer ones folded from minutes and
 * hours. What is returned is to be published, and is in order for each interval.
 */
export interface InstrumentBars {
  add(event: FeedEvent, steadyMs?: number): readonly Bar[];
  /** What time alone closes, and the open bars that changed. */
  flush(nowMs: number, steadyMs: number): readonly Bar[];
  /** What the bars made of trades did not hold. */
  readonly counters: ReadonlyMap<BuiltInterval, Readonly<BarCounters>>;
}

export const createInstrumentBars = ({ onDroppedTrade, ...instrument }: InstrumentBarsOptions): InstrumentBars => {
  const builderOf = (interval: BuiltInterval) =>
    createBarBuilder({
      ...{ ...instrument, interval },
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

  const foldMinute = (minute: Bar): readonly Bar[] => [
    minute,
    ...ofMinutes.flatMap((folder) => folder.add(minute)),
    ...hours.add(minute).flatMap(foldHour),
  ];

  return {
    add: (event, steadyMs) => [...seconds.add(event, steadyMs), ...minutes.add(event, steadyMs).flatMap(foldMinute)],
    flush: (nowMs, steadyMs) => [
      ...seconds.flush(nowMs, steadyMs),
      ...minutes.flush(nowMs, steadyMs).flatMap(foldMinute),
      ...ofMinutes.flatMap((folder) => folder.flush(steadyMs)),
      ...hours.flush(steadyMs).flatMap(foldHour),
      ...ofHours.flatMap((folder) => folder.flush(steadyMs)),
    ],
    counters: new Map([
      ['1s', seconds.counters],
      ['1m', minutes.counters],
    ]),
  };
};
