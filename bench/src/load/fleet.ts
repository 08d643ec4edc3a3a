import type { BenchClock } from '../wire/clock.js';
import { TickReader } from '../wire/tick-reader.js';
import type { ConnectRequest, ConnectResult } from './commands.js';
import { createInflateCache } from './inflate-cache.js';
import { LatencyHistogram } from './latency-histogram.js';
import { LoadClient, type LoadClientObserver } from './load-client.js';
import { SequenceCheck } from './sequence-check.js';

const openBracket = 0x5b;

/** What came in so far. */
export interface FleetCounters {
  ticks: number;
  bytes: number;
  reads: number;
  /** Messages that are no ticks. */
  others: number;
  closed: number;
}

/** All clients of one run. */
export interface Fleet {
  readonly counters: Readonly<FleetCounters>;
  readonly latency: LatencyHistogram;
  readonly check: SequenceCheck;
  frames(): number;
  /** Resolves when all are in or the limit is over. */
  connect(): Promise<ConnectResult>;
  /** Ticks published but not come, over the clients that are still connected. */
  missing(published: readonly number[]): number;
  close(): void;
}

export const createFleet = (request: ConnectRequest, now: BenchClock): Fleet => {
  const { port, clients: wanted, channels, greeting, inFlight, limitMs, staleAfterMs } = request;
  const counters: FleetCounters = { ticks: 0, bytes: 0, reads: 0, others: 0, closed: 0 };
  const latency = new LatencyHistogram();
  const check = new SequenceCheck(wanted, channels, staleAfterMs);
  const reader = new TickReader();
  const inflated = createInflateCache();
  const clients: LoadClient[] = [];
  let open = 0;
  let failed = 0;
  /** When the read began whose frames are looked at. */
  let readAt = 0;
  let onProgress = (): void => {};

  const takeTicks = (client: LoadClient, text: Uint8Array, from: number, end: number): void => {
    // An array is many ticks in one message, everything else is one or none.
    const isArray = text[from] === openBracket;
    let start = isArray ? from + 1 : from;
    do {
      if (!reader.read(text, start, end)) {
        counters.others += 1;
        return;
      }
      counters.ticks += 1;
      const ageMs = readAt - reader.ptsMs;
      latency.add(ageMs * 1_000);
      if (!check.take(client.index, reader.channel, reader.seq, ageMs)) check.declare(reader.skippedIn(text, start));
      start = reader.end + 1;
    } while (isArray && start < end);
  };

  const observer: LoadClientObserver = {
    onOpen() {
      open += 1;
      onProgress();
    },
    onGone(client) {
      if (client.isOpen) counters.closed += 1;
      else failed += 1;
      onProgress();
    },
    onRead(bytes) {
      counters.reads += 1;
      counters.bytes += bytes;
      readAt = now();
    },
    onText(client, buffer, start, end, isCompressed) {
      if (!isCompressed) {
        takeTicks(client, buffer, start, end);
        return;
      }
      const text = inflated.inflate(buffer, start, end);
      takeTicks(client, text, 0, text.length);
    },
  };

  return {
    counters,
    latency,
    check,
    frames: () => clients.reduce((sum, client) => sum + client.frames, 0),
    missing: (published) => check.missingUpTo(published, (index) => clients[index]?.isGone === false),

    connect() {
      const startedAt = now();
      return new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(limit);
          onProgress = () => {};
          resolve({ connected: open, failed: wanted - open, tookMs: now() - startedAt });
        };
        const limit = setTimeout(finish, limitMs);
        onProgress = () => {
          while (clients.length < wanted && clients.length - open - failed < inFlight) {
            clients.push(new LoadClient(clients.length, port, greeting, observer));
          }
          if (open + failed >= wanted) finish();
        };
        onProgress();
      });
    },

    close() {
      for (const client of clients) client.destroy();
    },
  };
};
