import { setText } from './dom.js';

/** Announces changes to screen readers, one sentence at a time and never the same twice in a row. */
export interface Announcer {
  /** Waits a moment: of several that follow each other closely only the last is spoken. */
  say(sentence: string): void;
}

const settleMs = 700;

export const createAnnouncer = (region: HTMLElement): Announcer => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    say(sentence) {
      clearTimeout(timer);
      timer = setTimeout(() => setText(region, sentence), settleMs);
    },
  };
};
