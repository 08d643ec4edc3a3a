import type { History, HistoryRange } from '@tickwire/channel-layer';

export interface NewestWatchOptions {
  readonly history: Pick<History, 'newest'>;
  /** The groups to read; none: nothing is read. */
  readonly groups: () => readonly string[];
  readonly onRead: (ranges: readonly HistoryRange[]) => void;
  /** @default 5_000 */
  readonly everyMs?: number | undefined;
}

/**
 * Reads the newest message of some groups now and then, whether anybody here follows them or not. A slow history is
 * never asked twice at once. One that cannot be reached is asked again later: the layer's own state gives the reason.
 */
export const watchNewest = ({ history, groups, onRead, everyMs = 5_000 }: NewestWatchOptions): { close(): void } => {
  let isReading = false;

  const read = async (): Promise<void> => {
    const asked = groups();
    if (isReading || asked.length === 0) return;
    isReading = true;
    const ranges = await history.newest(asked, 1).catch(() => []);
    isReading = false;
    if (ranges.length > 0) onRead(ranges);
  };
  const timer = setInterval(() => void read(), everyMs).unref();
  void read();

  return {
    close() {
      clearInterval(timer);
    },
  };
};
