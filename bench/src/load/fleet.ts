import type { BenchClock } from '../wire/clock.js';
import { TickReader } from '../wire/tick-reader.js';
import { subscriptionOf } from './centrifuge-greeting.js';
import type { ConnectRequest, ConnectResult } from './commands.js';
import { type Greeting, greetingSince } from './greeting.js';
import { createInflateCache } from './inflate-cache.js';
import { LatencyHistogram } from './latency-histogram.js';
import { LoadClient, type LoadClientObserver } from './load-client.js';
import { SequenceCheck } from './sequence-check.js';

const openBracket = 0x5b;
const letterI = 0x69;
const letterD = 0x64;
/** The share of the clients that count as first, and as last, in the order in which they connect. */
const tenth = 0.1;

/** What the clients received so far. */
export interface FleetCounters {
  ticks: number;
  bytes: number;
  reads: number;
  /** Messages other than ticks. */
  others: number;
  closed: number;
  /** Attempts to connect that failed. */
  failed: number;
  /** Clients that were notified that they cannot get what they missed. */
  unrecovered: number;
}

/** All clients of one generator. */
export interface Fleet {
  readonly size: number;
  readonly counters: Readonly<FleetCounters>;
  readonly latency: LatencyHistogram;
  /** Latency of the tenth of the clients that connected first, and of the last tenth. */
  readonly firstLatency: LatencyHistogram;
  readonly lastLatency: LatencyHistogram;
  readonly check: SequenceCheck;
  /** The server's first error. */
  readonly refusal: string | undefined;
  frames(): number;
  /** Number of connected clients. */
  open(): number;
  stateOf(client: number): 'coming' | 'open' | 'gone';
  /** Resolves when all clients are connected or the limit is over. */
  connect(): Promise<ConnectResult>;
  /** Breaks the client's connection. */
  leave(client: number): void;
  /** Connects a client that left again, with its positions if the server accepts them. */
  comeBack(client: number): void;
  /** Ticks that were published and did not arrive, for the clients that are still connected. */
  missing(published: readonly number[]): number;
  /** Connected clients that received everything that was published. */
  served(published: readonly number[]): number;
  close(): void;
}

export const createFleet = (request: ConnectRequest, now: BenchClock): Fleet => {
  const { port, clients: wanted, channels, place, inFlight, limitMs, staleAfterMs } = request;
  const counters: FleetCounters = { ticks: 0, bytes: 0, reads: 0, others: 0, closed: 0, failed: 0, unrecovered: 0 };
  const latency = new LatencyHistogram();
  const firstLatency = new LatencyHistogram();
  const lastLatency = new LatencyHistogram();
  const firstEnd = place.all * tenth - place.first;
  const lastBegin = place.all * (1 - tenth) - place.first;
  const check = new SequenceCheck(wanted, channels, staleAfterMs);
  const reader = new TickReader();
  /** Publications in a reply do not name their channel: it is that of the subscription. */
  const replyReader = new TickReader();
  replyReader.knowsChannel = true;
  const inflated = createInflateCache();
  const all = Array.from({ length: channels }, (_, channel) => channel);
  const clients: LoadClient[] = [];
  let open = 0;
  let framesOfGone = 0;
  let refusal: string | undefined;
  /** When the read of the present frames began. */
  let readAt = 0;
  let onProgress = (): void => {};

  const followedBy = (client: number): readonly number[] => ofEach(request.followed ?? [all], client);

  const takeTick = (client: LoadClient, from: TickReader, text: Uint8Array, start: number, end: number): void => {
    counters.ticks += 1;
    const ageMs = readAt - from.ptsMs;
    latency.add(ageMs * 1_000);
    if (client.index < firstEnd) firstLatency.add(ageMs * 1_000);
    else if (client.index >= lastBegin) lastLatency.add(ageMs * 1_000);
    if (!check.take(client.index, from.channel, from.seq, ageMs)) {
      check.declare(from.skippedIn(text, start, end));
    }
  };

  const takeTicks = (client: LoadClient, text: Uint8Array, from: number, end: number): void => {
    // An array is many ticks in one message, and so is a reply with what was missed; everything else is one or none.
    const isArray = text[from] === openBracket;
    const isReply = text[from + 2] === letterI && text[from + 3] === letterD;
    let start = isArray ? from + 1 : from;
    const ticks = isReply ? replyReader : reader;
    if (isReply) ticks.channel = followedBy(client.index)[subscriptionOf(text, from)] ?? 0;
    if (!ticks.read(text, start, end)) {
      counters.others += 1;
      if (isUnrecovered(text, from, end)) counters.unrecovered += 1;
      return;
    }
    if (!isArray && !isReply) {
      takeTick(client, ticks, text, start, end);
      return;
    }
    do {
      takeTick(client, ticks, text, start, ticks.end);
      start = ticks.end + 1;
    } while (start < end && ticks.read(text, start, end));
  };

  const observer: LoadClientObserver = {
    onOpen() {
      open += 1;
      onProgress();
    },
    onGone(client) {
      refusal ??= client.refusal;
      if (client.isOpen) {
        open -= 1;
        counters.closed += 1;
      } else counters.failed += 1;
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

  const start = (index: number, greeting: Greeting): void => {
    framesOfGone += clients[index]?.frames ?? 0;
    clients[index] = new LoadClient(index, port, greeting, observer);
  };

  const leave = (index: number): void => {
    const client = clients[index];
    if (client === undefined || client.isGone) return;
    if (client.isOpen) open -= 1;
    client.destroy();
  };

  return {
    size: wanted,
    counters,
    latency,
    firstLatency,
    lastLatency,
    check,
    leave,
    get refusal() {
      return refusal;
    },
    frames: () => clients.reduce((sum, client) => sum + client.frames, framesOfGone),
    open: () => open,
    stateOf(index) {
      const client = clients[index];
      if (client === undefined || client.isGone) return 'gone';
      return client.isOpen ? 'open' : 'coming';
    },

    connect() {
      const startedAt = now();
      return new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(limit);
          onProgress = () => {};
          resolve({ connected: open, failed: wanted - open, tookMs: now() - startedAt });
        };
        const limit = setTimeout(finish, limitMs);
        const settled = (): number => open + counters.closed + counters.failed;
        onProgress = () => {
          while (clients.length < wanted && clients.length - settled() < inFlight) {
            start(clients.length, ofEach(request.greetings, clients.length));
          }
          if (settled() >= wanted) finish();
        };
        onProgress();
      });
    },

    comeBack(index) {
      const positions = followedBy(index)
        .map((channel) => ({ channel, seq: check.lastOf(index, channel) }))
        .filter(({ seq }) => seq > 0);
      start(index, greetingSince(ofEach(request.greetings, index), positions));
    },

    missing: (published) =>
      clients.reduce(
        (sum, { index, isGone }) => (isGone ? sum : sum + check.missingUpTo(index, published, followedBy(index))),
        0,
      ),

    served: (published) =>
      clients.filter(
        ({ index, isOpen, isGone }) =>
          isOpen && !isGone && check.missingUpTo(index, published, followedBy(index)) === 0,
      ).length,

    close() {
      clients.forEach((_, index) => {
        leave(index);
      });
    },
  };
};

const headBytes = 256;

/** In plain JSON and in replies of the Centrifuge protocol, which leave out fields that are false. */
const isUnrecovered = (message: Uint8Array, start: number, end: number): boolean => {
  const head = Buffer.from(message.buffer, message.byteOffset + start, Math.min(end - start, headBytes)).toString();
  return (
    head.includes('"recovered":false') || (head.includes('"was_recovering":true') && !head.includes('"recovered":'))
  );
};

/** One for all clients, or one for each. */
const ofEach = <T>(values: readonly T[], index: number): T => values[index % values.length] as T;
