import type { History, HistoryRange } from '@tickwire/channel-layer';
import type { Hub } from '@tickwire/hub';
import type { SymbolCatalog } from '../../catalog.js';
import { jsonBytes } from '../../protocols/plain-json/plain-json-format.js';
import type { ApiHandler } from './api.js';
import { jsonWith, type MessageTextOptions } from './message-texts.js';
import { channelsOf } from './parameters.js';

/** Groups asked for in one call of history: their messages are decoded in about a millisecond. */
const groupsPerCall = 64;

export interface SnapshotOptions extends MessageTextOptions {
  readonly hub: Pick<Hub, 'readHistory'>;
  readonly history: Pick<History, 'newest'>;
  readonly catalog: Pick<SymbolCatalog, 'knows'>;
  readonly maxChannels: number;
  readonly now: () => number;
}

/** `GET /api/snapshot?channels=a,b`: the newest message of each, its position and how long ago it was published. */
export const snapshotHandler =
  ({ hub, history, catalog, maxChannels, now, turns }: SnapshotOptions): ApiHandler =>
  async ({ query }) => {
    const names = channelsOf(query.getAll('channels').join(','), maxChannels, catalog);
    const ranges: HistoryRange[] = [];
    for (let at = 0; at < names.length; at += groupsPerCall) {
      ranges.push(...(await hub.readHistory(() => history.newest(names.slice(at, at + groupsPerCall), 1))));
    }
    const at = now();
    const texts: Uint8Array[] = [];
    await turns.each(ranges, (range) => {
      texts.push(jsonBytes(channelSnapshot(range, at)));
    });
    return { body: jsonWith({ at }, 'channels', texts) };
  };

const channelSnapshot = ({ group, position, messages: [message] }: HistoryRange, at: number): unknown => {
  const pts = message?.['pts'];
  // Not clamped: the producer's clock may be ahead.
  return { channel: group, position, ageMs: typeof pts === 'number' ? at - pts : null, message: message ?? null };
};
