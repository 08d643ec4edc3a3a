/** Notices when nothing at all arrives any more, long before a lost connection shows by itself. */
export interface Silence {
  readonly isSilent: boolean;
  heard(): void;
  /** To be called every `tickMs`, with the number of publications a second there usually are. */
  tick(perSecond: number): void;
}

/** Time is counted in ticks, not read from a clock: a page that stood still itself has not been left waiting. */
export const silenceTickMs = 100;
const silentMs = 700;
/** With fewer publications a second, silence this long is usual. */
const minPerSecond = 10;

export const createSilence = (onChange: () => void): Silence => {
  let sinceMs = 0;
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
      sinceMs += silenceTickMs;
      if (sinceMs >= silentMs && perSecond >= minPerSecond) set(true);
    },
  };
};
