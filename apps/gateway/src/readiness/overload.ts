import { totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';

export type OverloadReason = 'loop-lag' | 'memory';

/** Whether this process has enough to do: then new clients are better off elsewhere, and those inside without them. */
export interface Overload {
  readonly reason: OverloadReason | undefined;
  /** What half of the turns of the event loop took longer than, in the last second. */
  readonly lagMs: number;
  readonly rssBytes: number;
  close(): void;
}

export interface OverloadOptions {
  readonly maxLagMs: number;
  /** 0 takes 85 % of what the process may have. */
  readonly maxRssBytes: number;
  /** @default 1_000 */
  readonly sampleMs?: number;
  /** Reads what the last sample brought and begins the next. @default the process's own */
  readonly readLagMs?: () => number;
  /** @default process.memoryUsage.rss */
  readonly readRssBytes?: () => number;
}

const resolutionMs = 10;
const share = 0.85;
/** Let in again only when there is room: else the door would flutter. */
const roomShare = { lag: 0.5, memory: 0.95 } as const;

export const createOverload = (options: OverloadOptions): Overload => {
  const { maxLagMs, sampleMs = 1_000, readRssBytes = () => process.memoryUsage.rss() } = options;
  const maxRssBytes = options.maxRssBytes === 0 ? availableBytes() * share : options.maxRssBytes;
  const histogram = options.readLagMs === undefined ? monitorEventLoopDelay({ resolution: resolutionMs }) : undefined;
  const readLagMs =
    options.readLagMs ??
    (() => {
      // The median: one long pause, as of the garbage collector, is no overload.
      const median = (histogram?.percentile(50) ?? 0) / 1e6 - resolutionMs;
      histogram?.reset();
      return Math.max(0, median);
    });
  histogram?.enable();
  let lagMs = 0;
  let rssBytes = readRssBytes();
  let reason: OverloadReason | undefined;

  const sample = (): void => {
    lagMs = readLagMs();
    rssBytes = readRssBytes();
    const lagLimit = reason === 'loop-lag' ? maxLagMs * roomShare.lag : maxLagMs;
    const rssLimit = reason === 'memory' ? maxRssBytes * roomShare.memory : maxRssBytes;
    reason = lagMs > lagLimit ? 'loop-lag' : rssBytes > rssLimit ? 'memory' : undefined;
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
    close() {
      clearInterval(timer);
      histogram?.disable();
    },
  };
};

/** A container's limit, or all the memory there is. */
const availableBytes = (): number => {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
};
