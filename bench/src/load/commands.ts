import type { Greeting } from './greeting.js';
import type { HistogramCounts, LatencySummary } from './latency-histogram.js';
import type { SequenceFaults } from './sequence-check.js';

export interface ConnectRequest {
  readonly port: number;
  /** Clients of this generator. */
  readonly clients: number;
  /** The index of the first of them among the clients of all generators. */
  readonly place: ClientPlace;
  readonly channels: number;
  /** One for all clients, or one for each. */
  readonly greetings: readonly Greeting[];
  /** The channels that each follows, in the order of the greetings; all of them when undefined. */
  readonly followed: readonly (readonly number[])[] | undefined;
  /** Clients that may connect at the same time. */
  readonly inFlight: number;
  /** Clients that are not connected after this time are given up. */
  readonly limitMs: number;
  /** A tick that is older than this when it arrives counts as stale. */
  readonly staleAfterMs: number;
}

/** A part of all clients. */
export interface ClientPlace {
  readonly first: number;
  readonly all: number;
}

export interface ConnectResult {
  readonly connected: number;
  readonly failed: number;
  /** From the first attempt until the last client is connected. */
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

/** What one generator measured in a window. */
export interface WindowPart {
  readonly seconds: number;
  readonly ticks: number;
  readonly bytes: number;
  readonly frames: number;
  readonly reads: number;
  /** Messages other than ticks. */
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
  /** How much of the server's core other processes used. */
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
  /** Mean time for which a client is away. */
  readonly awayMs: number;
  readonly seed: number;
}

export interface DropsResult {
  readonly breaks: number;
  /** Attempts to reconnect that failed. */
  readonly failed: number;
  /** The server's first error. */
  readonly refusal: string | undefined;
  /** Whether every client was connected again at the end. */
  readonly isComplete: boolean;
}

export interface ComeBackRequest {
  /** The last `seq` of each channel. */
  readonly published: readonly number[];
  readonly limitMs: number;
}

export interface ComeBackResult {
  /** Clients that received everything that was published. */
  readonly served: number;
  /** Clients that are not connected or did not receive everything. */
  readonly unserved: number;
  /** From the first attempt until all were served, or until it was given up. */
  readonly tookMs: number;
  /** The server's first error. */
  readonly refusal: string | undefined;
}

/** The commands of the generator's process. `Window` is its result of a measured window. */
export interface LoadCommands<Window = WindowPart> {
  connect(request: ConnectRequest): Promise<ConnectResult>;
  begin(request: WindowRequest): Promise<void>;
  end(): Promise<Window>;
  /** How many ticks are still missing when everybody has had until the deadline; `published` is the last `seq` of each channel. */
  settle(published: readonly number[], limitMs: number): Promise<number>;
  /** Connections break and are made again, until `stopDrops`. */
  startDrops(request: DropsRequest): Promise<void>;
  /** Stops the breaks; resolves when every client is connected again or the limit is over. */
  stopDrops(limitMs: number): Promise<DropsResult>;
  /** All connections break at once. */
  leave(): Promise<void>;
  /** All clients reconnect at once and ask for what they missed. */
  comeBack(request: ComeBackRequest): Promise<ComeBackResult>;
  /** All connections break. Sequences may begin anew. */
  close(): Promise<void>;
}
