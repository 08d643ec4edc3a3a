import type { History } from '@tickwire/channel-layer';
import { channelName } from '@tickwire/protocol';
import type { SymbolCatalog } from '../catalog.js';
import { watchNewest } from './newest-watch.js';

/** The age of the newest tick, whether anybody here follows a channel or not. */
export interface TickAge {
  /** By the producer's clock, which may be ahead: then below 0. Undefined before the first tick. */
  readonly ageMs: number | undefined;
  close(): void;
}

export interface TickAgeOptions {
  readonly history: Pick<History, 'newest'>;
  readonly catalog: Pick<SymbolCatalog, 'entries'>;
  /** Milliseconds since the Unix epoch. @default Date.now */
  readonly now?: () => number;
}

/** A symbol with few trades may be silent for long; among this many, one is not. */
const maxSymbols = 16;

export const createTickAge = ({ history, catalog, now = Date.now }: TickAgeOptions): TickAge => {
  let newestAt: number | undefined;
  const { close } = watchNewest({
    history,
    groups: () => catalog.entries.slice(0, maxSymbols).map(({ venue, symbol }) => channelName('ticker', venue, symbol)),
    onRead(ranges) {
      for (const { messages } of ranges) {
        const pts = messages[0]?.['pts'];
        if (typeof pts === 'number') newestAt = Math.max(newestAt ?? pts, pts);
      }
    },
  });
  return {
    get ageMs() {
      return newestAt === undefined ? undefined : now() - newestAt;
    },
    close,
  };
};
