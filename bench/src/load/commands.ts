import type { Greeting } from './greeting.js';
import type { HistogramCounts, LatencySummary } from './latency-histogram.js';
import type { SequenceFaults } from './sequence-check.js';

export interface ConnectRequest {
  readonly port: number;
  /** Clients of this generator. */
  readonly clients: number;
  /** Where they stand among those of all generators. */
  readonly place: ClientPlace;
  readonly channels: number;
  /** One for all, or one each. */
  readonly greetings: readonly Greeting[];
  /** The channels that each follows, in the order of the greetings; all of them when undefined. */
  readonly followed: readonly (readonly number[])[] | undefined;
  /** Clients that may be on their way in at the same time. */
  readonly inFlight: number;
  /** After this the rest is given up. */
  readonly limitMs: number;
  /** Ticks older than this when they come count as stale. */
  readonly staleAfterMs: number;
}

/** Some clients among all. */
export interface ClientPlace {
  readonly first: number;
  readonly all: number;
}

export interface ConnectResult {
  readonly connected: number;
  readonly failed: number;
  /** From the first attempt to the last client in. */
  readonly tookMs: number;
}

export interface WindowRequest {
  readonly serverPid: number;
  readonly redisPids: readonly number[];
  readonly serverCores: readonly number[];
  readonly loadCores: readonly number[];
  /**
   * Sockets are read at most once in so many milliseconds: a read then brings several writes, as it does from a
   * network card under load, and the generator costs less. 0 reads at once. Part of the latency it reports.
   */
  readonly napMs: number;
}

/** What one generator saw in a window. */
export interface WindowPart {
  readonly seconds: number;
  readonly ticks: number;
  readonly bytes: number;
  readonly frames: number;
  readonly reads: number;
  /** Messages that are no ticks. */
  readonly others: number;
  readonly closed: number;
  /** Clients that were notified that they cannot get what they missed. */
  readonly unrecovered: number;
  readonly latency: HistogramCounts;
  /** Latency of the tenth of the clients that connected first, and of the last tenth. */
  readonly firstLatency: HistogramCounts;
  readonly lastLatency: HistogramCounts;
  readonly faults: SequenceFaults;
  readonly serverCpuSeconds: number | undefined;
  readonly serverWrites: number | undefined;
  /** Share of one core, 0 to 1; of several generators the busiest. */
  readonly generatorCpu: number;
  /** Share of one core, 0 to 1. */
  readonly redisCpu: number | undefined;
  /** How busy the generator's core was with everything on it. */
  readonly loadCoreBusy: number | undefined;
  /** What others than the server used of the server's core. */
  readonly serverCoreOthers: number | undefined;
}

/** One measured window, all taken at the same two instants. */
export interface WindowResult extends Omit<WindowPart, 'latency' | 'firstLatency' | 'lastLatency'> {
  readonly latencyMs: LatencySummary;
  readonly firstLatencyMs: LatencySummary;
  readonly lastLatencyMs: LatencySummary;
}

export interface DropsRequest {
  /** Mean time from one break of a connection of a client to the next. */
  readonly everyMs: number;
  /** How long a client is away: the mean. */
  readonly awayMs: number;
  readonly seed: number;
}

export interface DropsResult {
  readonly breaks: number;
  /** Attempts to reconnect that failed. */
  readonly failed: number;
  /** The first thing that the server refused. */
  readonly refusal: string | undefined;
  /** Whether everybody was there again at the end. */
  readonly isComplete: boolean;
}

export interface ComeBackRequest {
  /** The last `seq` of each channel. */
  readonly published: readonly number[];
  readonly limitMs: number;
}

export interface ComeBackResult {
  /** Clients that have all that was published. */
  readonly served: number;
  /** Clients that are not there, or do not have everything. */
  readonly unserved: number;
  /** From the first attempt until all were served, or until it was given up. */
  readonly tookMs: number;
  /** The first thing that the server refused. */
  readonly refusal: string | undefined;
}

/** What the generator's process does when asked. `Window` is what it saw in one. */
export interface LoadCommands<Window = WindowPart> {
  connect(request: ConnectRequest): Promise<ConnectResult>;
  begin(request: WindowRequest): Promise<void>;
  end(): Promise<Window>;
  /** How many ticks are still missing when everybody has had until the deadline; `published` is the last `seq` of each channel. */
  settle(published: readonly number[], limitMs: number): Promise<number>;
  /** Connections break and are made again, until `stopDrops`. */
  startDrops(request: DropsRequest): Promise<void>;
  /** No more breaks; resolves when everybody is there again or the limit is over. */
  stopDrops(limitMs: number): Promise<DropsResult>;
  /** All connections break at once. */
  leave(): Promise<void>;
  /** All clients reconnect at once and ask for what they missed. */
  comeBack(request: ComeBackRequest): Promise<ComeBackResult>;
  /** All connections break. Sequences may begin anew. */
  close(): Promise<void>;
}
