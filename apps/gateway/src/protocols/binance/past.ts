import type { History, Message } from '@tickwire/channel-layer';
import type { Hub, SharedHistory, Turns } from '@tickwire/hub';
import { newestPublications } from '../history-pages.js';

/** What history has, as streams begin with it and answers are made of it: read in pages, which all who ask share. */
export interface Past {
  /** The newest messages of a group, so many at most, oldest first. @throws what the history throws. */
  newest(group: string, count: number): Promise<readonly Message[]>;
  /** Turns of the event loop, over which work on many messages is divided. */
  readonly turns: Turns;
}

/** For reads within one piece of work of the hub. */
export const pastOf = (shared: Pick<SharedHistory, 'read' | 'position'>, turns: Turns): Past => ({
  turns,
  async newest(group, count) {
    const top = await shared.position(group);
    const found = top === null ? [] : await newestPublications(shared, group, top, count);
    return found.map(({ message }) => message);
  },
});

/** For answers: each read is a piece of the hub's work. */
export interface AnswerPast extends Past {
  /** The newest of each group, in their order; undefined where there is none yet. */
  newestOfEach(groups: readonly string[]): Promise<readonly (Message | undefined)[]>;
}

/** Groups asked for in one call of history: their messages are decoded in about a millisecond. */
const groupsPerCall = 64;

export interface AnswerPastOptions {
  readonly hub: Pick<Hub, 'readHistory'>;
  readonly history: Pick<History, 'newest'>;
  readonly turns: Turns;
}

export const createAnswerPast = ({ hub, history, turns }: AnswerPastOptions): AnswerPast => ({
  turns,
  newest: (group, count) => hub.readHistory((shared) => pastOf(shared, turns).newest(group, count)),
  async newestOfEach(groups) {
    const newest: (Message | undefined)[] = [];
    for (let at = 0; at < groups.length; at += groupsPerCall) {
      const ranges = await hub.readHistory(() => history.newest(groups.slice(at, at + groupsPerCall), 1));
      for (const { messages } of ranges) newest.push(messages[0]);
    }
    return newest;
  },
});
