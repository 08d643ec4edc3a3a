/** Notices when nothing at all arrives any more, long before a lost connection shows by itself. */
export interface Silence {
  readonly isSilent: boolean;
  heard(): void;
  /** To be called every `silenceTickMs`, with the publications a second of the last seconds. */
  tick(perSecond: number): void;
}

/** Time is counted in ticks, not read from a clock: a page that stood still itself has not been left waiting. */
export const silenceTickMs = 100;
/** A shorter silence is not reported. */
const minSilentMs = 700;
/** A connection that is silent for so many of its usual gaps is not merely quiet. */
const silentGaps = 12;

export const createSilence = (onChange: () => void): Silence => {
  let sinceMs = 0;
  let patienceMs = Number.POSITIVE_INFINITY;
  let isSilent = false;
  const set = (next: boolean): void => {
    if (next === isSilent) return;
    isSilent = next;
    onChange();
  };
  return {
    get isSilent() {
      return isSilent;
    },
    heard() {
      sinceMs = 0;
      set(false);
    },
    tick(perSecond) {
      // What is usual is what was so before the silence: the rate falls while it lasts.
      if (sinceMs === 0) patienceMs = Math.max(minSilentMs, (silentGaps * 1_000) / perSecond);
      sinceMs += silenceTickMs;
      if (sinceMs >= patienceMs) set(true);
    },
  };
};
