import type { History, HistoryRange } from '@tickwire/channel-layer';
import type { SymbolCatalog } from '../../catalog.js';
import type { ApiHandler } from './api.js';
import { channelsOf } from './channels.js';

/** Groups asked for in one call of history. */
const groupsPerCall = 256;

export interface SnapshotOptions {
  readonly history: Pick<History, 'newest'>;
  readonly catalog: Pick<SymbolCatalog, 'knows'>;
  readonly maxChannels: number;
  readonly now: () => number;
}

/** `GET /api/snapshot?channels=a,b`: the newest message of each, its position and how long ago it was published. */
export const snapshotHandler =
  ({ history, catalog, maxChannels, now }: SnapshotOptions): ApiHandler =>
  async ({ query }) => {
    const names = channelsOf(query.getAll('channels').join(','), maxChannels, catalog);
    const ranges: HistoryRange[] = [];
    for (let at = 0; at < names.length; at += groupsPerCall) {
      ranges.push(...(await history.newest(names.slice(at, at + groupsPerCall), 1)));
    }
    const at = now();
    return { body: { at, channels: ranges.map((range) => channelSnapshot(range, at)) } };
  };

const channelSnapshot = ({ group, position, messages: [message] }: HistoryRange, at: number): unknown => {
  const pts = message?.['pts'];
  // Not clamped: the producer's clock may be ahead.
  return { channel: group, position, ageMs: typeof pts === 'number' ? at - pts : null, message: message ?? null };
};
