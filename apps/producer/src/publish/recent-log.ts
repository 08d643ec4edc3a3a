import type { Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';

const keepMs = 5_000;
const maxEntries = 50_000;

interface Entry {
  readonly group: string;
  readonly message: Message;
  readonly seq: number;
  readonly epoch: string;
  readonly atMs: number;
}

/**
 * The messages published in the last seconds, in case Redis comes back without them: a replica promoted before it had
 * everything. Bounded by age and number; older losses begin a new epoch instead.
 */
export interface RecentLog {
  /** Adds messages of which the last is at `position`. They replace whatever was there and after it. */
  add(group: string, messages: readonly Message[], position: Position, atMs: number): void;
  /** Returns everything of the group after `position`, oldest first; undefined if some of it is no longer kept. */
  after(group: string, position: Position): Message[] | undefined;
  at(group: string, position: Position): Message | undefined;
}

export const createRecentLog = (): RecentLog => {
  let entries: Entry[] = [];
  let trimAt = maxEntries * 2;
  /** The newest position of each group: a message published for the first time replaces nothing. */
  const ends = new Map<string, Position>();

  return {
    add(group, messages, { epoch, seq }, atMs) {
      const firstSeq = seq - messages.length + 1;
      if ((ends.get(group)?.seq ?? 0) >= firstSeq && ends.get(group)?.epoch === epoch) {
        entries = entries.filter((entry) => entry.group !== group || entry.epoch !== epoch || entry.seq < firstSeq);
      }
      ends.set(group, { epoch, seq });
      for (const [index, message] of messages.entries()) {
        entries.push({ group, message, seq: firstSeq + index, epoch, atMs });
      }
      if (entries.length < trimAt && (entries[0]?.atMs ?? atMs) > atMs - 2 * keepMs) return;
      entries = entries.filter((entry) => entry.atMs >= atMs - keepMs).slice(-maxEntries);
      trimAt = entries.length + maxEntries;
    },
    after(group, { epoch, seq }) {
      const mine = entries.filter((entry) => entry.group === group && entry.epoch === epoch && entry.seq > seq);
      // Between two terms another leader may have published.
      const isWhole = mine.length > 0 && mine.every((entry, index) => entry.seq === seq + 1 + index);
      return isWhole ? mine.map((entry) => entry.message) : undefined;
    },
    at: (group, { epoch, seq }) =>
      entries.find((entry) => entry.group === group && entry.epoch === epoch && entry.seq === seq)?.message,
  };
};
