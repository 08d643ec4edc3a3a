import { Cohort, type CohortHost } from './cohort.js';
import type { Stream } from './stream.js';
import { StreamLog, type StreamLogHost } from './stream-log.js';
import type { WireFormat } from './wire-format.js';

/** The cohorts that have sessions, one for each combination of format and streams. */
export interface CohortRegistry {
  cohortOf(format: WireFormat, streams: readonly Stream[]): Cohort;
  leftBehind(cohort: Cohort): void;
  /** A session with this format is about to follow the stream: until `release` it has a log here. */
  hold(format: WireFormat, stream: Stream): void;
  release(format: WireFormat, stream: Stream): void;
}

/** What a format has here. Found by identity: two formats with the same name must not share frames. */
interface FormatEntry {
  readonly id: number;
  readonly logs: Map<Stream, StreamLog<Cohort>>;
}

export const createCohortRegistry = (options: Omit<StreamLogHost<Cohort> & CohortHost, 'arrivals'>): CohortRegistry => {
  const host = { ...options, arrivals: { last: 0 } };
  const cohorts = new Map<string, Cohort>();
  const entries = new WeakMap<WireFormat, FormatEntry>();
  let lastFormatId = 0;

  const entryOf = (format: WireFormat): FormatEntry => {
    const known = entries.get(format);
    if (known !== undefined) return known;
    lastFormatId += 1;
    const entry = { id: lastFormatId, logs: new Map() };
    entries.set(format, entry);
    return entry;
  };

  const logOf = (format: WireFormat, stream: Stream): StreamLog<Cohort> => {
    const { logs } = entryOf(format);
    const known = logs.get(stream);
    if (known !== undefined) return known;
    const log = new StreamLog<Cohort>(stream, format, host);
    logs.set(stream, log);
    stream.followers.add(log);
    return log;
  };

  const removeUnused = (log: StreamLog<Cohort>): void => {
    if (log.cohorts.size > 0 || log.holds > 0) return;
    log.stream.followers.delete(log);
    entryOf(log.format).logs.delete(log.stream);
  };

  return {
    cohortOf(format, streams) {
      const ids = streams.map((stream) => stream.id).sort((a, b) => a - b);
      const key = `${entryOf(format).id}:${ids.join(',')}`;
      const known = cohorts.get(key);
      if (known !== undefined) return known;
      const logs = streams.map((stream) => logOf(format, stream));
      const cohort = new Cohort(key, format, logs, host);
      cohorts.set(key, cohort);
      for (const log of logs) log.cohorts.add(cohort);
      return cohort;
    },
    leftBehind(cohort) {
      cohorts.delete(cohort.key);
      for (const log of cohort.logs) {
        log.cohorts.delete(cohort);
        removeUnused(log);
      }
    },
    hold(format, stream) {
      logOf(format, stream).holds += 1;
    },
    release(format, stream) {
      const log = logOf(format, stream);
      log.holds -= 1;
      removeUnused(log);
    },
  };
};
