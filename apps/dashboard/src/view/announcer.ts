import { setText } from './dom.js';

/** What a sentence is about. */
export type Subject = 'connection' | 'price' | 'candle' | 'address';

/** Announces changes to screen readers, one sentence at a time and never the same twice in a row. */
export interface Announcer {
  /**
   * Waits a moment: of several about one subject that follow each other closely only the last is spoken. One about the
   * connection replaces one about a price; otherwise subjects are spoken one after the other.
   */
  say(sentence: string, subject: Subject): void;
}

const settleMs = 700;

const afterTimeout = (delayMs: number, callback: () => void): (() => void) => {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
};

export const createAnnouncer = (region: HTMLElement, after = afterTimeout): Announcer => {
  const settling = new Map<Subject, () => void>();
  const due = new Map<Subject, string>();
  let isSpeaking = false;

  /** A sentence keeps the region for as long, or a reader may not have begun with it. */
  const speak = (): void => {
    const [next] = due;
    isSpeaking = next !== undefined;
    if (next === undefined) return;
    due.delete(next[0]);
    setText(region, next[1]);
    after(settleMs, speak);
  };

  const callOff = (subject: Subject): void => {
    settling.get(subject)?.();
    settling.delete(subject);
    due.delete(subject);
  };

  return {
    say(sentence, subject) {
      callOff(subject);
      if (subject === 'connection') callOff('price');
      const settled = (): void => {
        settling.delete(subject);
        due.set(subject, sentence);
        if (!isSpeaking) speak();
      };
      settling.set(subject, after(settleMs, settled));
    },
  };
};
