import type { HistoryRange } from '@tickwire/channel-layer';

/** The number of names in one call: a Redis script answers this many well below a millisecond. */
const maxBatch = 256;

interface Request {
  readonly name: string;
  readonly resolve: (range: HistoryRange) => void;
  readonly reject: (error: unknown) => void;
}

/** Collects the names requested in one turn of the event loop into one call. Every request settles as its call does. */
export const createNewestLoader = (
  load: (names: readonly string[]) => Promise<readonly HistoryRange[]>,
): ((name: string) => Promise<HistoryRange>) => {
  let requests: Request[] = [];

  const send = async (batch: readonly Request[]): Promise<void> => {
    try {
      const ranges = await load(batch.map((request) => request.name));
      for (const [index, request] of batch.entries()) {
        const range = ranges[index];
        if (range === undefined) request.reject(new Error('history returned fewer groups than requested'));
        else request.resolve(range);
      }
    } catch (error) {
      for (const request of batch) request.reject(error);
    }
  };

  const flush = (): void => {
    const all = requests;
    requests = [];
    for (let at = 0; at < all.length; at += maxBatch) void send(all.slice(at, at + maxBatch));
  };

  return (name) =>
    new Promise((resolve, reject) => {
      if (requests.length === 0) setImmediate(flush);
      requests.push({ name, resolve, reject });
    });
};
