import { LoadClient, type LoadClientObserver } from '../load/load-client.js';
import { SequenceCheck } from '../load/sequence-check.js';
import { TickReader } from '../wire/tick-reader.js';
import type { CrowdCounts, CrowdRequest } from './commands.js';
import { createPlace, greetingOf, type Place } from './place.js';

/** Clients on their way in at the same time at first. */
const inFlight = 128;
const maxAwayMs = 3_000;
const retryMs = 500;
/** Shares of the clients that leave. */
const resetShare = 0.5;
const recoverShare = 0.5;

/** Clients that leave and reconnect all the time, and check all they get. */
export interface Crowd {
  counts(): CrowdCounts;
  /** Whether nobody is away. */
  isComplete(): boolean;
  /** Resolves when all are in. @throws Error after the limit. */
  open(): Promise<void>;
  churn(leavesPerSecond: number): void;
  stay(): void;
  missing(published: readonly number[]): number;
  /** All leave for good. Idempotent. */
  close(): void;
}

/** `random` draws from 0 up to 1. */
export const createCrowd = (request: CrowdRequest, random: () => number = Math.random): Crowd => {
  const { port, channels, limitMs } = request;
  const check = new SequenceCheck(request.clients, channels, Number.POSITIVE_INFINITY);
  const reader = new TickReader();
  const places = Array.from({ length: request.clients }, (_, index) => createPlace(index, channels));
  const opened = { plain: 0, batch: 0, centrifuge: 0 };
  const counts = { recovering: 0, failed: 0, closed: 0, leftPolitely: 0, reset: 0, ticks: 0 };
  let connects = 0;
  let open = 0;
  let leaving: NodeJS.Timeout | undefined;
  let isClosed = false;
  let onProgress = (): void => {};

  const placeOf = ({ index }: LoadClient): Place => places[index] as Place;

  const takeTicks = (client: LoadClient, text: Uint8Array, from: number, end: number): void => {
    let start = placeOf(client).kind === 'batch' ? from + 1 : from;
    do {
      if (!reader.read(text, start, end)) return;
      counts.ticks += 1;
      if (!check.take(client.index, reader.channel, reader.seq, 0)) check.declare(reader.skippedIn(text, start));
      start = reader.end + 1;
    } while (start < end);
  };

  const observer: LoadClientObserver = {
    onOpen(client) {
      open += 1;
      opened[placeOf(client).kind] += 1;
      onProgress();
    },
    onGone(client) {
      if (client.isOpen) open -= 1;
      counts[client.isOpen ? 'closed' : 'failed'] += 1;
      comeBack(placeOf(client), retryMs);
      onProgress();
    },
    onRead() {},
    onText: (client, buffer, start, end) => takeTicks(client, buffer, start, end),
  };

  const comeBack = (place: Place, afterMs: number): void => {
    place.client = undefined;
    place.timer = setTimeout(() => connect(place), afterMs);
  };

  const connect = (place: Place): void => {
    if (isClosed) return;
    connects += 1;
    const recovers = place.kind === 'plain' && random() < recoverShare;
    if (!recovers) check.forget(place.index);
    const greeting = greetingOf(place, connects, (channel) => check.lastOf(place.index, channel));
    if (greeting.isRecovering) counts.recovering += 1;
    place.client = new LoadClient(place.index, port, greeting, observer);
  };

  const depart = (client: LoadClient): void => {
    if (client.isOpen) open -= 1;
    if (random() < resetShare) {
      counts.reset += 1;
      client.destroy();
    } else {
      counts.leftPolitely += 1;
      client.leave();
    }
  };

  const stay = (): void => clearInterval(leaving);

  return {
    counts: () => ({ ...counts, open, opened: { ...opened }, faults: { ...check.faults } }),
    isComplete: () => open === places.length,

    open: () =>
      new Promise((resolve, reject) => {
        const finish = (): void => {
          clearTimeout(limit);
          onProgress = () => {};
        };
        const limit = setTimeout(() => {
          finish();
          reject(new Error(`only ${open} of ${places.length} clients came in within ${limitMs} ms`));
        }, limitMs);
        let begun = 0;
        onProgress = () => {
          while (begun < places.length && begun - open - counts.failed < inFlight) {
            begun += 1;
            connect(places[begun - 1] as Place);
          }
          if (open < places.length) return;
          finish();
          resolve();
        };
        onProgress();
      }),

    churn(leavesPerSecond) {
      stay();
      leaving = setInterval(() => {
        const place = places[Math.floor(random() * places.length)] as Place;
        if (place.client?.isOpen !== true) return;
        depart(place.client);
        comeBack(place, random() * maxAwayMs);
      }, 1_000 / leavesPerSecond);
    },

    stay,

    missing: (published) =>
      places.reduce((sum, { index, channels: followed }) => {
        const ofOne = followed.map((channel) => Math.max(0, (published[channel] ?? 0) - check.lastOf(index, channel)));
        return sum + ofOne.reduce((total, count) => total + count, 0);
      }, 0),

    close() {
      isClosed = true;
      stay();
      for (const place of places) {
        clearTimeout(place.timer);
        if (place.client !== undefined) depart(place.client);
        place.client = undefined;
      }
    },
  };
};
