/** Learns how often a stream usually has events, and so which silence is unusual. */
export interface Rhythm {
  touch(nowMs: number): void;
  /** The stream begins anew: the silence so far does not count. */
  restart(): void;
  /** A silence longer than this is unusual. */
  staleAfterMs(): number;
}

export interface RhythmOptions {
  /** A silence is unusual if it is this many times the longest recent one. @default 4 */
  readonly factor?: number;
  /** A shorter silence is never unusual. @default 5_000 */
  readonly leastMs?: number;
}

/** The longest silence fades by this share with each event: after 200 events it counts a third. */
const fade = 1 / 200;
/** Number of events before the stream's own rhythm is trusted. */
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
