/** Notices that nothing arrives any more, long before the browser reports a lost connection. */
export interface Silence {
  readonly isSilent: boolean;
  heard(): void;
  /** To be called every `silenceTickMs`, with the publications a second of the last seconds. */
  tick(perSecond: number): void;
}

/** Time is counted in ticks, not read from a clock: a page that was suspended has not waited. */
export const silenceTickMs = 100;
/** A shorter silence is not reported. */
const minSilentMs = 700;
/** A connection that is silent for this many of its usual gaps is not merely quiet. */
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
      // The rate before the silence counts: it falls while the silence lasts.
      if (sinceMs === 0) patienceMs = Math.max(minSilentMs, (silentGaps * 1_000) / perSecond);
      sinceMs += silenceTickMs;
      if (sinceMs >= patienceMs) set(true);
    },
  };
};
