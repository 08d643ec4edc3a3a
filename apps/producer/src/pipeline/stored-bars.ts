import type { History } from '@tickwire/channel-layer';
import type { Instrument } from '@tickwire/market';
import { type Bar, type BarInterval, barIntervals, barKind, barSchema, channelName } from '@tickwire/protocol';

/** How many of the newest are read: minutes for forecasts and the open hour, hours for the open day. */
const counts: Readonly<Record<BarInterval, number>> = {
  ...{ '1s': 0, '1m': 300, '5m': 1, '15m': 1, '1h': 24, '4h': 1, '1d': 1 },
};

/** The newest closed bars of an instrument that are published, by interval, oldest first. */
export type StoredBars = ReadonlyMap<BarInterval, readonly Bar[]>;

/** @throws what the history throws */
export const readStoredBars = async (history: Pick<History, 'newest'>, instrument: Instrument): Promise<StoredBars> => {
  const { venue, symbol } = instrument;
  const read = async (interval: BarInterval): Promise<[BarInterval, readonly Bar[]]> => {
    const [range] = await history.newest([channelName(barKind(interval), venue, symbol)], counts[interval]);
    const byStart = new Map<number, Bar>();
    for (const message of range?.messages ?? []) {
      // Anybody may publish on a group: what is not such a bar says nothing.
      const { success, data: bar } = barSchema.safeParse(message);
      const isOurs = success && bar.venue === venue && bar.symbol === symbol && bar.interval === interval;
      if (isOurs && bar.closed) byStart.set(bar.start, bar);
    }
    return [interval, [...byStart.values()].sort((a, b) => a.start - b.start)];
  };
  return new Map(await Promise.all(barIntervals.filter((interval) => counts[interval] > 0).map(read)));
};
