import type { History, Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';
import type { HubCounters } from '../counters.js';
import { Publication, positionOf } from '../fan-out/wire-format.js';

/** How long the publications read are shared, from the moment the read began. */
const shareMs = 1_000;
/** Publications kept for one channel, and for all channels: the oldest reads make room. */
const maxRun = 10_000;
const maxKept = 50_000;
/** Reads by others that one caller waits for before it does its own read regardless. */
const maxWaits = 4;

export interface HistoryPage {
  readonly channel: string;
  /** The newest position known when the page was read; null where the channel has none. */
  readonly position: Position | null;
  /** As `HistoryRange.messages`: from `afterSeq + 1` on without a hole, or empty. */
  readonly publications: readonly Publication[];
}

/**
 * History as many clients read it at once. Requests for overlapping ranges of a channel within a second share one read
 * and the same `Publication` objects, so each message is decoded once, and encoded once per format. A page may end
 * before the newest publication: ask again after its last one.
 */
export interface SharedHistory {
  /** @throws what the history throws. */
  read(channel: string, range: { readonly afterSeq: number; readonly limit: number }): Promise<HistoryPage>;
  /** The channel's position now; null where it has none. @throws what the history throws. */
  position(channel: string): Promise<Position | null>;
  /** Removes what is too old to be shared. */
  sweep(): void;
}

/** Publications of one epoch without a hole between them. */
interface Run {
  readonly epoch: string;
  readonly readAt: number;
  readonly position: Position;
  readonly firstSeq: number;
  readonly publications: readonly Publication[];
}

interface Flight {
  readonly afterSeq: number;
  readonly limit: number;
  readonly done: Promise<HistoryPage>;
}

export interface SharedHistoryOptions {
  readonly history: Pick<History, 'read' | 'newest'>;
  readonly counters: Pick<HubCounters, 'historyReads' | 'historyShared'>;
  readonly now: () => number;
}

export const createSharedHistory = ({ history, counters, now }: SharedHistoryOptions): SharedHistory => {
  /** In the order in which they were read. */
  const runs = new Map<string, Run>();
  const flights = new Map<string, Set<Flight>>();
  let kept = 0;

  const forget = (channel: string): void => {
    kept -= runs.get(channel)?.publications.length ?? 0;
    runs.delete(channel);
  };

  const freshRun = (channel: string): Run | undefined => {
    const run = runs.get(channel);
    return run !== undefined && now() - run.readAt < shareMs ? run : undefined;
  };

  const fromRun = (channel: string, afterSeq: number, limit: number): HistoryPage | undefined => {
    const run = freshRun(channel);
    const from = run === undefined ? -1 : afterSeq + 1 - run.firstSeq;
    if (run === undefined || from < 0 || from >= run.publications.length) return undefined;
    return { channel, position: run.position, publications: run.publications.slice(from, from + limit) };
  };

  /** Joins the page to the known run; if the two do not touch, the page replaces the run. */
  const keep = (page: HistoryPage, readAt: number): void => {
    const first = page.publications[0]?.position;
    const { channel, position, publications } = page;
    if (position === null || first === undefined || !isWhole(publications)) return;
    const known = freshRun(channel);
    const alone: Run = { epoch: first.epoch, readAt, position, firstSeq: first.seq, publications };
    const run = known?.epoch === first.epoch ? (joined(known, alone) ?? alone) : alone;
    // A search for the oldest reads one here and there: that is no reason to forget what others share.
    if (run === alone && publications.length === 1 && known?.epoch === first.epoch) return;
    forget(channel);
    runs.set(channel, run);
    kept += run.publications.length;
    for (const oldest of runs.keys()) {
      if (kept <= maxKept || oldest === channel) break;
      forget(oldest);
    }
  };

  const readNow = async (channel: string, afterSeq: number, limit: number): Promise<HistoryPage> => {
    counters.historyReads += 1;
    const readAt = now();
    const { position, messages } = await history.read(channel, { afterSeq, limit });
    const publications = messages.map((message) => publicationOf(channel, message));
    const page = { channel, position, publications };
    keep(page, readAt);
    return page;
  };

  const fly = (channel: string, afterSeq: number, limit: number): Promise<HistoryPage> => {
    const all = flights.get(channel) ?? new Set();
    flights.set(channel, all);
    const done = readNow(channel, afterSeq, limit);
    const flight: Flight = { afterSeq, limit, done };
    all.add(flight);
    const land = (): void => {
      all.delete(flight);
      if (all.size === 0 && flights.get(channel) === all) flights.delete(channel);
    };
    done.then(land, land);
    return done;
  };

  const overlapping = (channel: string, afterSeq: number, limit: number): Flight | undefined => {
    for (const flight of flights.get(channel) ?? []) {
      if (flight.afterSeq < afterSeq + limit && afterSeq < flight.afterSeq + flight.limit) return flight;
    }
    return undefined;
  };

  return {
    async read(channel, { afterSeq, limit }) {
      for (let waits = 0; waits < maxWaits; waits += 1) {
        const page = fromRun(channel, afterSeq, limit);
        const flight = page === undefined ? overlapping(channel, afterSeq, limit) : undefined;
        if (page === undefined && flight === undefined) break;
        const answer = page ?? (await flight?.done);
        const isMine = page !== undefined || (flight?.afterSeq === afterSeq && reachesBeyond(answer, afterSeq));
        if (answer === undefined || !isMine) continue;
        counters.historyShared += 1;
        return { ...answer, publications: answer.publications.slice(0, limit) };
      }
      // What follows the range is already known: read only what is missing before it.
      const run = freshRun(channel);
      const missing = run === undefined ? limit : run.firstSeq - 1 - afterSeq;
      const page = await fly(channel, afterSeq, missing > 0 ? Math.min(limit, missing) : limit);
      return page.publications.length < limit ? (fromRun(channel, afterSeq, limit) ?? page) : page;
    },
    async position(channel) {
      const [range] = await history.newest([channel], 0);
      return range?.position ?? null;
    },
    sweep() {
      for (const channel of [...runs.keys()]) if (freshRun(channel) === undefined) forget(channel);
    },
  };
};

/**
 * Returns whether the page makes progress, or proves that what follows is gone. A page that does neither may have been
 * read too early.
 */
const reachesBeyond = (page: HistoryPage | undefined, afterSeq: number): boolean =>
  (page?.position?.seq ?? 0) > afterSeq;

const publicationOf = (channel: string, message: Message): Publication =>
  new Publication(channel, positionOf(message), message);

const isWhole = (publications: readonly Publication[]): boolean => {
  const first = publications[0]?.position;
  if (first === undefined) return false;
  return publications.every(
    ({ position }, index) => position?.epoch === first.epoch && position.seq === first.seq + index,
  );
};

/**
 * Returns undefined if there is a hole between the two, or if they are too long together. The known publications stay.
 */
const joined = (known: Run, read: Run): Run | undefined => {
  const [knownEnd, readEnd] = [known.firstSeq + known.publications.length, read.firstSeq + read.publications.length];
  if (read.firstSeq > knownEnd || readEnd < known.firstSeq) return undefined;
  const before = read.publications.slice(0, Math.max(0, known.firstSeq - read.firstSeq));
  const after = read.publications.slice(Math.max(0, knownEnd - read.firstSeq));
  const publications = [...before, ...known.publications, ...after];
  if (publications.length > maxRun) return undefined;
  const { position } = read.position.seq > known.position.seq ? read : known;
  return { ...known, position, firstSeq: Math.min(read.firstSeq, known.firstSeq), publications };
};
