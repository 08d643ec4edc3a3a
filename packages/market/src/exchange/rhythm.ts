/** Knows how often a stream usually tells something, and so when its silence is out of the ordinary. */
export interface Rhythm {
  touch(nowMs: number): void;
  /** The stream begins anew: the silence up to now says nothing about its rhythm. */
  restart(): void;
  /** A silence longer than this is unusual. */
  staleAfterMs(): number;
}

export interface RhythmOptions {
  /** A silence counts as unusual when it is so many times the longest of late. @default 4 */
  readonly factor?: number;
  /** A shorter silence is never unusual. @default 5_000 */
  readonly leastMs?: number;
}

/** The longest silence fades by this part with each event: after 200 it counts a third. */
const fade = 1 / 200;
/** Events seen before the stream's own rhythm is believed. */
const enough = 20;
const beforeEnoughMs = 60_000;
const mostMs = 600_000;

export const createRhythm = ({ factor = 4, leastMs = 5_000 }: RhythmOptions = {}): Rhythm => {
  let last: number | undefined;
  let longest = 0;
  let seen = 0;
  return {
    touch: (nowMs) => {
      if (last !== undefined) {
        longest = Math.max(nowMs - last, longest * (1 - fade));
        seen += 1;
      }
      last = nowMs;
    },
    restart: () => {
      last = undefined;
    },
    staleAfterMs: () => {
      const own = Math.max(leastMs, Math.ceil(factor * longest));
      return Math.min(mostMs, seen < enough ? Math.max(beforeEnoughMs, own) : own);
    },
  };
};
