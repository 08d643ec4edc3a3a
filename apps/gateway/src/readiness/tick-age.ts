import type { History } from '@tickwire/channel-layer';
import { channelName } from '@tickwire/protocol';
import type { SymbolCatalog } from '../catalog.js';

/** The age of the newest tick, whether anybody here follows a channel or not. */
export interface TickAge {
  /** By the producer's clock, which may be ahead: then below 0. Undefined before the first tick. */
  readonly ageMs: number | undefined;
  close(): void;
}

export interface TickAgeOptions {
  readonly history: Pick<History, 'newest'>;
  readonly catalog: Pick<SymbolCatalog, 'entries'>;
  /** @default 5_000 */
  readonly everyMs?: number;
  /** Milliseconds since the Unix epoch. @default Date.now */
  readonly now?: () => number;
}

/** A symbol with few trades may be silent for long; among this many, one is not. */
const maxSymbols = 16;

export const createTickAge = ({ history, catalog, everyMs = 5_000, now = Date.now }: TickAgeOptions): TickAge => {
  let newestAt: number | undefined;
  let isReading = false;

  const read = async (): Promise<void> => {
    const groups = catalog.entries
      .slice(0, maxSymbols)
      .map(({ venue, symbol }) => channelName('ticker', venue, symbol));
    if (isReading || groups.length === 0) return;
    isReading = true;
    try {
      for (const { messages } of await history.newest(groups, 1)) {
        const pts = messages[0]?.['pts'];
        if (typeof pts === 'number') newestAt = Math.max(newestAt ?? pts, pts);
      }
    } catch {
      // Unreachable: the age keeps growing, and the layer's own state gives the reason.
    } finally {
      isReading = false;
    }
  };
  const timer = setInterval(() => void read(), everyMs).unref();
  void read();

  return {
    get ageMs() {
      return newestAt === undefined ? undefined : now() - newestAt;
    },
    close() {
      clearInterval(timer);
    },
  };
};
