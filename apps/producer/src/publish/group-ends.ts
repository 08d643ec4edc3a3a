import type { Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';
import { createRecentLog } from './recent-log.js';
import { isMissing } from './resume.js';

/** A position, and what this process published there. */
export interface OwnEnd extends Position {
  readonly message: Message;
}

/** What this process remembers of where groups ended, from all its terms: a Redis may return with less. */
export interface GroupEnds {
  /** These were appended; the last of them stands at the position. */
  appended(group: string, messages: readonly Message[], position: Position, atMs: number): void;
  /** The group stands there, whoever wrote it. */
  saw(group: string, position: Position): void;
  /** What this process itself published last in a group. */
  own(group: string): OwnEnd | undefined;
  /** The same, if what is stored is its own: to the end or, in a history that lost it, up to there. */
  ownBehind(group: string, stored: Position, newest: Message | undefined): OwnEnd | undefined;
  /** Everything published after the position, oldest first; undefined when some of it is no longer here. */
  missingAfter(group: string, position: Position): readonly Message[] | undefined;
  /**
   * Redis returned from before a moment this process has seen, or another began an epoch without what this one had published:
   * nobody goes on there without a word.
   */
  isBehind(group: string, stored: Position, newest: Message | undefined): boolean;
}

interface Reached extends Position {
  readonly formerEpoch: string | undefined;
}

export const createGroupEnds = (): GroupEnds => {
  const recent = createRecentLog();
  const owned = new Map<string, OwnEnd>();
  const reached = new Map<string, Reached>();

  const saw = (group: string, { epoch, seq }: Position): void => {
    const before = reached.get(group);
    reached.set(group, { epoch, seq, formerEpoch: before?.epoch === epoch ? before.formerEpoch : before?.epoch });
  };

  return {
    appended(group, messages, position, atMs) {
      recent.add(group, messages, position, atMs);
      const message = messages.at(-1);
      if (message !== undefined) owned.set(group, { ...position, message });
      saw(group, position);
    },
    saw,
    own: (group) => owned.get(group),
    ownBehind(group, stored, newest) {
      const last = owned.get(group);
      if (last === undefined || last.epoch !== stored.epoch || last.seq < stored.seq) return undefined;
      // Behind it another leader published, and of that nothing is here.
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
      const mine = owned.get(group)?.message;
      return mine !== undefined && (newest === undefined || isMissing(mine, newest));
    },
  };
};
