import type { Publication } from './fan-out/wire-format.js';

/** Receives what is measured rather than counted. Never called once per session or delivery. */
export interface HubObserver {
  /**
   * Called once per publication, in order, before any session gets it. Not called for publications a channel opens
   * with.
   */
  published(publication: Publication): void;
  /** Called once per pass over the sessions: how long its oldest item waited for the first write and for the last. */
  passed(waitedMs: number, writtenMs: number): void;
}

export const silentObserver: HubObserver = { published: () => {}, passed: () => {} };
