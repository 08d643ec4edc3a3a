import type { History } from '@tickwire/channel-layer';
import { channelName } from '@tickwire/protocol';
import type { SymbolCatalog } from '../catalog.js';

/** How old the newest tick is, whether anybody here follows one or not. */
export interface TickAge {
  /** By the producer's clock, which may be ahead: below 0 then. Undefined before the first tick. */
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

/** One that trades now and then may be silent for long; of so many one is not. */
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
      // Out of reach: the age grows by itself, and the layer's own state says why.
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
