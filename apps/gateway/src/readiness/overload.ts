import { totalmem } from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { quotaCores } from '../workers/worker-count.js';

export type OverloadReason = 'loop-lag' | 'memory';

/** Whether this process has too much to do: then new clients should go elsewhere. */
export interface Overload {
  readonly reason: OverloadReason | undefined;
  /** Half of the turns of the event loop in the last second took longer than this. */
  readonly lagMs: number;
  readonly rssBytes: number;
  /** Together with processes that share the limit. */
  readonly sharedRssBytes: number;
  close(): void;
}

export interface OverloadOptions {
  readonly maxLagMs: number;
  /** 0: 85 % of the memory available to the process. */
  readonly maxRssBytes: number;
  /** @default 1_000 */
  readonly sampleMs?: number;
  /** Returns the value of the last sample and begins the next. @default the process's own */
  readonly readLagMs?: () => number;
  /**
   * The share of the time since the last reading in which this process worked: the smaller of its event loop's busy
   * time and the processor time it got. @default the process's own
   */
  readonly readUtilization?: () => number;
  /** If it throws, as without a free descriptor, the last value stays. @default process.memoryUsage.rss */
  readonly readRssBytes?: () => number;
  /** Memory of processes that share the limit. @default 0 */
  readonly readOthersRssBytes?: () => number;
}

const resolutionMs = 10;
/** If the loop is late but the process works less than this, other processes on the machine cause it. */
const minUtilization = 0.5;
const share = 0.85;
/** Clients are admitted again only below this share of the limit, so that the state does not flap. */
const roomShare = { lag: 0.5, memory: 0.95 } as const;

export const createOverload = (options: OverloadOptions): Overload => {
  const { maxLagMs, sampleMs = 1_000, readUtilization = createUtilization(), readOthersRssBytes = () => 0 } = options;
  const maxRssBytes = options.maxRssBytes === 0 ? availableBytes() * share : options.maxRssBytes;
  const histogram = options.readLagMs === undefined ? monitorEventLoopDelay({ resolution: resolutionMs }) : undefined;
  const readLagMs =
    options.readLagMs ??
    (() => {
      // The median: one long pause, such as a garbage collection, is not an overload.
      const median = (histogram?.percentile(50) ?? 0) / 1e6 - resolutionMs;
      histogram?.reset();
      return Math.max(0, median);
    });
  histogram?.enable();
  let lagMs = 0;
  let rssBytes = 0;
  const measureRss = options.readRssBytes ?? (() => process.memoryUsage.rss());
  const readRssBytes = (): number => {
    try {
      return measureRss();
    } catch {
      return rssBytes;
    }
  };
  rssBytes = readRssBytes();
  let reason: OverloadReason | undefined;

  const sample = (): void => {
    lagMs = readLagMs();
    rssBytes = readRssBytes();
    const lagLimit = reason === 'loop-lag' ? maxLagMs * roomShare.lag : maxLagMs;
    const rssLimit = reason === 'memory' ? maxRssBytes * roomShare.memory : maxRssBytes;
    const isBusy = readUtilization() >= minUtilization;
    const isLate = lagMs > lagLimit && isBusy;
    reason = isLate ? 'loop-lag' : rssBytes + readOthersRssBytes() > rssLimit ? 'memory' : undefined;
  };
  const timer = setInterval(sample, sampleMs).unref();

  return {
    get reason() {
      return reason;
    },
    get lagMs() {
      return lagMs;
    },
    get rssBytes() {
      return rssBytes;
    },
    get sharedRssBytes() {
      return rssBytes + readOthersRssBytes();
    },
    close() {
      clearInterval(timer);
      histogram?.disable();
    },
  };
};

/** What the process did since it started. */
export interface ProcessWork {
  readonly loop: Parameters<typeof performance.eventLoopUtilization>[0];
  readonly cpuMs: number;
  readonly atMs: number;
}

const readWork = (): ProcessWork => {
  const { user, system } = process.cpuUsage();
  return { loop: performance.eventLoopUtilization(), cpuMs: (user + system) / 1_000, atMs: performance.now() };
};

/**
 * A process that waits for a processor counts as busy by its loop, so its processor time counts as well. In a container
 * this is measured against the quota: a process that uses up its quota is overloaded.
 */
export const createUtilization = (read = readWork, quota = quotaCores()): (() => number) => {
  const cores = Math.min(1, quota);
  let last = read();
  return () => {
    const before = last;
    last = read();
    const cpuShare = (last.cpuMs - before.cpuMs) / (Math.max(1, last.atMs - before.atMs) * cores);
    return Math.min(performance.eventLoopUtilization(last.loop, before.loop).utilization, cpuShare);
  };
};

/** The container's limit, or all the memory of the machine. */
const availableBytes = (): number => {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
};
