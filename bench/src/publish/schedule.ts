export interface ScheduleOptions {
  readonly startMs: number;
  readonly ticksPerSecond: number;
  readonly burst: number;
  readonly channels: number;
}

/** A tick that is due: its channel, and since when. */
export interface DueTick {
  readonly channel: number;
  readonly dueMs: number;
}

/** Ticks at equal distances (bursts of them where `burst` is above 1), taking turns over the channels. */
export interface Schedule {
  /** Ticks due by now that were not taken yet, oldest first, at most `limit`. */
  take(nowMs: number, limit: number): readonly DueTick[];
  /** When the next tick is due. */
  readonly nextMs: number;
}

export const createSchedule = ({ startMs, ticksPerSecond, burst, channels }: ScheduleOptions): Schedule => {
  const burstMs = (burst * 1_000) / ticksPerSecond;
  let taken = 0;
  const dueMs = (tick: number): number => startMs + Math.floor(tick / burst) * burstMs;
  return {
    get nextMs() {
      return dueMs(taken);
    },
    take(nowMs, limit) {
      const ticks: DueTick[] = [];
      while (ticks.length < limit && dueMs(taken) <= nowMs) {
        ticks.push({ channel: taken % channels, dueMs: dueMs(taken) });
        taken += 1;
      }
      return ticks;
    },
  };
};
