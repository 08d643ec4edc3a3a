import type { HubCounters } from '../counters.js';
import { Cohort, type CohortPump } from './cohort.js';
import type { Stream } from './stream.js';
import type { WireFormat } from './wire-format.js';

/** The cohorts that have sessions, one for each combination of format and streams. */
export interface CohortRegistry {
  cohortOf(format: WireFormat, streams: readonly Stream[]): Cohort;
  leftBehind(cohort: Cohort): void;
}

export const createCohortRegistry = (
  pump: CohortPump,
  counters: HubCounters,
  maxOutboxBytes: number,
): CohortRegistry => {
  const cohorts = new Map<string, Cohort>();
  // By identity: two formats with the same name must not share frames.
  const formatIds = new WeakMap<WireFormat, number>();
  let lastFormatId = 0;

  const idOf = (format: WireFormat): number => {
    const known = formatIds.get(format);
    if (known !== undefined) return known;
    lastFormatId += 1;
    formatIds.set(format, lastFormatId);
    return lastFormatId;
  };

  return {
    cohortOf(format, streams) {
      const ids = streams.map((stream) => stream.id).sort((a, b) => a - b);
      const key = `${idOf(format)}:${ids.join(',')}`;
      const known = cohorts.get(key);
      if (known !== undefined) return known;
      const cohort = new Cohort(key, format, streams, pump, counters, maxOutboxBytes);
      cohorts.set(key, cohort);
      for (const stream of streams) stream.followers.add(cohort);
      return cohort;
    },
    leftBehind(cohort) {
      cohorts.delete(cohort.key);
      for (const stream of cohort.streams) stream.followers.delete(cohort);
    },
  };
};
