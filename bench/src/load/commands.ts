import type { LatencySummary } from './latency-histogram.js';
import type { SequenceFaults } from './sequence-check.js';

/** How a client greets the server. */
export type Greeting =
  | { readonly kind: 'websocket'; readonly path: string; readonly offersDeflate?: boolean }
  | { readonly kind: 'socket.io'; readonly path: string }
  /** The Centrifuge protocol in JSON; each channel is a subscription of its own. */
  | { readonly kind: 'centrifuge'; readonly path: string; readonly channels: readonly string[] };

export interface ConnectRequest {
  readonly port: number;
  readonly clients: number;
  readonly channels: number;
  readonly greeting: Greeting;
  /** Clients that may be on their way in at the same time. */
  readonly inFlight: number;
  /** After this the rest is given up. */
  readonly limitMs: number;
  /** Ticks older than this when they come count as stale. */
  readonly staleAfterMs: number;
}

export interface ConnectResult {
  readonly connected: number;
  readonly failed: number;
  /** From the first attempt to the last client in. */
  readonly tookMs: number;
}

export interface WindowRequest {
  readonly serverPid: number;
  readonly redisPid: number;
  readonly serverCores: readonly number[];
  readonly loadCores: readonly number[];
  /**
   * Sockets are read at most once in so many milliseconds: a read then brings several writes, as it does from a
   * network card under load, and the generator costs less. 0 reads at once. Part of the latency it reports.
   */
  readonly napMs: number;
}

/** One measured window, all taken at the same two instants. */
export interface WindowResult {
  readonly seconds: number;
  readonly ticks: number;
  readonly bytes: number;
  readonly frames: number;
  readonly reads: number;
  /** Messages that are no ticks. */
  readonly others: number;
  readonly closed: number;
  readonly latencyMs: LatencySummary;
  readonly faults: SequenceFaults;
  readonly serverCpuSeconds: number | undefined;
  readonly serverWrites: number | undefined;
  /** Of one core, 0 to 1. */
  readonly generatorCpu: number;
  /** Of one core, 0 to 1. */
  readonly redisCpu: number | undefined;
  /** How busy the generator's core was with everything on it. */
  readonly loadCoreBusy: number | undefined;
  /** What others than the server used of the server's core. */
  readonly serverCoreOthers: number | undefined;
}

/** What the generator's process does when asked. */
export interface LoadCommands {
  connect(request: ConnectRequest): Promise<ConnectResult>;
  begin(request: WindowRequest): Promise<void>;
  end(): Promise<WindowResult>;
  /** How many ticks are still missing when everybody has had until the deadline; `published` is the last `seq` of each channel. */
  settle(published: readonly number[], limitMs: number): Promise<number>;
  /** Sequences may begin anew. */
  close(): Promise<void>;
}
