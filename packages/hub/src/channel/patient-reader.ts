import type { HistoryRange } from '@tickwire/channel-layer';
import type { HubCounters } from '../counters.js';

const pageSize = 1_000;
const firstRetryMs = 50;
const maxRetryMs = 1_000;

export interface PatientReaderOptions {
  readonly read: (afterSeq: number, limit: number) => Promise<HistoryRange>;
  readonly counters: Pick<HubCounters, 'failedReads'>;
}

/** Reads one channel's history, and asks again for as long as it cannot be reached. */
export interface PatientReader {
  /** Number of reads begun, each attempt counted. */
  readonly begun: number;
  /** Resolves with a page, or with undefined once the reader is closed. */
  read(afterSeq: number): Promise<HistoryRange | undefined>;
  /** Ends a pause between two attempts: history may be reachable again. */
  hurry(): void;
  close(): void;
}

export const createPatientReader = ({ read, counters }: PatientReaderOptions): PatientReader => {
  let begun = 0;
  let isClosed = false;
  let retry: { readonly timer: NodeJS.Timeout; readonly end: () => void } | undefined;

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      retry = { timer: setTimeout(resolve, ms), end: resolve };
    });

  const hurry = (): void => {
    clearTimeout(retry?.timer);
    retry?.end();
    retry = undefined;
  };

  return {
    get begun() {
      return begun;
    },
    async read(afterSeq) {
      for (let retryMs = firstRetryMs; !isClosed; retryMs = Math.min(retryMs * 2, maxRetryMs)) {
        begun += 1;
        try {
          const range = await read(afterSeq, pageSize);
          return isClosed ? undefined : range;
        } catch {
          counters.failedReads += 1;
        }
        if (!isClosed) await pause(retryMs);
      }
      return undefined;
    },
    hurry,
    close() {
      isClosed = true;
      hurry();
    },
  };
};
