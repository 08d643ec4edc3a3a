import type { Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';
import { createRecentLog } from './recent-log.js';
import { isMissing } from './resume.js';

/** A position and the message that this process published there. */
export interface OwnEnd extends Position {
  readonly message: Message;
}

/** Where groups ended, as far as this process remembers from all its terms: Redis may come back with less. */
export interface GroupEnds {
  /** Records that these messages were appended; the last of them is at the position. */
  appended(group: string, messages: readonly Message[], position: Position, atMs: number): void;
  /** Records the position of a group, whoever wrote there, and the message at it if history still holds that. */
  saw(group: string, position: Position, newest: Message | undefined): void;
  /** Returns what this process itself published last in a group. */
  own(group: string): OwnEnd | undefined;
  /** Returns the same if what is stored is this process's own: up to the end, or up to where history lost it. */
  ownBehind(group: string, stored: Position, newest: Message | undefined): OwnEnd | undefined;
  /** Returns everything published after the position, oldest first; undefined if some of it is no longer kept. */
  missingAfter(group: string, position: Position): readonly Message[] | undefined;
  /**
   * Returns whether Redis went back to before a moment that this process has seen, or another producer began an epoch
   * without what this process had published or seen. Nobody may continue there without notifying readers.
   */
  isBehind(group: string, stored: Position, newest: Message | undefined): boolean;
}

interface Reached extends Position {
  readonly formerEpoch: string | undefined;
  /** The newest message that was seen at the end, in whichever epoch. */
  readonly message: Message | undefined;
}

export const createGroupEnds = (): GroupEnds => {
  const recent = createRecentLog();
  const owned = new Map<string, OwnEnd>();
  const reached = new Map<string, Reached>();

  const saw = (group: string, { epoch, seq }: Position, newest: Message | undefined): void => {
    const before = reached.get(group);
    const formerEpoch = before?.epoch === epoch ? before.formerEpoch : before?.epoch;
    reached.set(group, { epoch, seq, formerEpoch, message: newest ?? before?.message });
  };

  return {
    appended(group, messages, position, atMs) {
      recent.add(group, messages, position, atMs);
      const message = messages.at(-1);
      if (message !== undefined) owned.set(group, { ...position, message });
      saw(group, position, message);
    },
    saw,
    own: (group) => owned.get(group),
    ownBehind(group, stored, newest) {
      const last = owned.get(group);
      if (last === undefined || last.epoch !== stored.epoch || last.seq < stored.seq) return undefined;
      // Another leader published after it, and this process has none of that.
      const end = reached.get(group);
      if (end !== undefined && (end.epoch !== last.epoch || end.seq > last.seq)) return undefined;
      const mine = last.seq === stored.seq ? last.message : recent.at(group, stored);
      if (last.seq === stored.seq && newest === undefined) return last;
      const isMine = mine !== undefined && newest?.['pts'] === mine['pts'] && newest?.['rts'] === mine['rts'];
      return isMine ? last : undefined;
    },
    missingAfter: (group, position) => recent.after(group, position),
    isBehind(group, stored, newest) {
      const last = reached.get(group);
      if (last?.epoch === stored.epoch) return stored.seq < last.seq;
      if (last?.formerEpoch === stored.epoch) return true;
      const seen = last?.message;
      return seen !== undefined && (newest === undefined || isMissing(seen, newest));
    },
  };
};
