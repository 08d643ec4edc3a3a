import type { Position } from '@tickwire/protocol';
import type { Publication } from '../fan-out/wire-format.js';
import type { Channel } from './channel.js';
import type { SharedHistory } from './shared-history.js';

const pageSize = 1_000;

/** Where a subscriber begins. */
export interface SnapshotRequest {
  /** Everything published after this position, for a client that reconnects. */
  readonly since?: Position;
  /**
   * The newest publications with a position, up to this number; fewer where history holds fewer. Unless it is 0, a newer
   * message without one follows them. @default 1
   */
  readonly last?: number;
  /** If more than this was missed, it is not recovered and the client starts from the newest. @default 10_000 */
  readonly maxRecovered?: number;
}

/** The first data of a subscriber. The live stream continues right behind it: nothing missing, nothing twice. */
export interface Snapshot {
  /** Oldest first. */
  readonly publications: readonly Publication[];
  /** The position of the newest publication; undefined for a channel without positions. */
  readonly position: Position | undefined;
  /** True when `since` was given and everything after it is in `publications`. */
  readonly recovered: boolean;
}

/**
 * Collects a snapshot in steps, because history may have to be read while the channel continues. `take()` returns the
 * snapshot once it reaches the present, in the same instant in which the caller attaches its session. Until then it
 * returns what is needed: `unread` asks for `read()`; `ahead`, when the client or history knows more than this gateway,
 * asks for `catchUp()`.
 */
export interface SnapshotReader {
  take(): Snapshot | 'unread' | 'ahead';
  read(): Promise<void>;
  catchUp(): Promise<void>;
}

export const createSnapshotReader = (
  channel: Channel,
  history: Pick<SharedHistory, 'read'>,
  request: SnapshotRequest,
): SnapshotReader => {
  const { last = 1, maxRecovered = 10_000, since } = request;
  let publications: Publication[] = [];
  /** Publications after this position are still to be collected; undefined until the first look. */
  let reached: Position | undefined;
  let hasCaughtUp = false;
  let hasGivenUp = false;
  /** The snapshot begins with the newest publications: nothing else was requested or is available. */
  let isFresh = since === undefined;

  const newest = (): Snapshot => ({
    publications: channel.newest !== undefined && last > 0 ? [channel.newest] : [],
    position: channel.position,
    recovered: false,
  });

  const begin = (top: Position): Position => {
    const isLost = since?.epoch !== top.epoch || channel.isReplaced(since) || top.seq - since.seq > maxRecovered;
    if (!isFresh && !isLost && since !== undefined) return since;
    isFresh = true;
    return { epoch: top.epoch, seq: Math.max(0, top.seq - Math.min(last, maxRecovered)) };
  };

  /** Returns whether the snapshot can still begin again with the newest: only once. */
  const beginAfresh = (): boolean => {
    if (isFresh) return false;
    isFresh = true;
    hasGivenUp = false;
    publications = [];
    reached = undefined;
    return true;
  };

  const readHistory = async (from: Position): Promise<void> => {
    const page = await history.read(channel.name, { afterSeq: from.seq, limit: pageSize });
    const first = page.publications[0]?.position;
    // Older ones are gone: a client that wanted them all starts from the newest, one that wanted the last few gets
    // fewer.
    const isUsable = first?.seq === from.seq + 1 || (isFresh && publications.length === 0);
    if (page.position?.epoch !== from.epoch || first === undefined || !isUsable) {
      hasGivenUp = true;
      return;
    }
    for (const publication of page.publications) {
      if (publication.position === undefined) continue;
      publications.push(publication);
      reached = publication.position;
    }
    hasCaughtUp = false;
    // Publications arrive faster than they are read.
    if (publications.length > maxRecovered) hasGivenUp = true;
  };

  return {
    take() {
      const top = channel.position;
      if (hasGivenUp && !beginAfresh()) return newest();
      // The client knows of publications where this gateway knows of none.
      if (top === undefined) return since === undefined || hasCaughtUp ? newest() : 'ahead';
      if (reached?.epoch !== top.epoch) {
        publications = [];
        reached = begin(top);
      }
      // The client or history knows more than this gateway, or history lost its end.
      if (reached.seq > top.seq) {
        if (!hasCaughtUp) return 'ahead';
        if (!beginAfresh()) return newest();
        reached = begin(top);
      }
      const recent = channel.recentAfter(reached.seq);
      if (recent === undefined) return 'unread';
      // The newest message may not be in history, such as the update of an open bar.
      const unplaced = channel.newest?.position === undefined ? channel.newest : undefined;
      const all = [...publications, ...recent];
      const wanted = isFresh ? all.slice(Math.max(0, all.length - last)) : all;
      if (unplaced !== undefined && (!isFresh || last > 0)) wanted.push(unplaced);
      return { publications: wanted, position: top, recovered: !isFresh };
    },

    async read() {
      if (reached !== undefined) await readHistory(reached);
    },

    async catchUp() {
      hasCaughtUp = true;
      await channel.catchUp();
    },
  };
};
