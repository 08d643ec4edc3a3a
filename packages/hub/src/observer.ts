import type { Publication } from './fan-out/wire-format.js';

/** Told what is measured rather than counted: never once per session or delivery. */
export interface HubObserver {
  /** Once a publication, in its order, before any session gets it. Not for what a channel opens with. */
  published(publication: Publication): void;
  /** Once a pass over the sessions: from when its oldest item came to its first write, and to its last. */
  passed(waitedMs: number, writtenMs: number): void;
}

export const silentObserver: HubObserver = { published: () => {}, passed: () => {} };
