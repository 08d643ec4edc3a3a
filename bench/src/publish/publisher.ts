import { LatencyHistogram } from '../load/latency-histogram.js';
import type { BenchClock } from '../wire/clock.js';
import { tickEpoch, tickMessage } from '../wire/tick-payload.js';
import type { PublishRequest, PublishResult } from './commands.js';
import type { Outlet } from './outlet.js';
import { createSchedule } from './schedule.js';

/** The most messages in a batch, as in the producer. */
const maxBatch = 2_000;
/** How long ticks are collected: one call per tick would cost more than everything else. The delay counts as latency. */
const minBatchMs = 2;

/**
 * Publishes on a schedule. A tick's stamp is when it was due, not when it left: a publisher or server that falls behind
 * shows in the latency instead of slowing the measurement down.
 */
export interface SchedulePublisher {
  start(request: PublishRequest): void;
  /** Resolves when the last batch has been answered. @throws what publishing threw. */
  stop(): Promise<PublishResult>;
}

export const createSchedulePublisher = (outlet: Outlet, channels: number, now: BenchClock): SchedulePublisher => {
  const published: number[] = new Array<number>(channels).fill(0);
  const lateness = new LatencyHistogram();
  let isWanted = false;
  let running: Promise<void> = Promise.resolve();
  let ticks = 0;
  let startedAt = 0;
  let cpuAtStart = process.cpuUsage();

  const run = async ({ ticksPerSecond, burst, stampsWhenSent = false, limitMs }: PublishRequest): Promise<void> => {
    let lastBatchAt = 0;
    const schedule = createSchedule({ startMs: startedAt, ticksPerSecond, burst, channels });
    while (isWanted && now() < startedAt + limitMs) {
      const waitMs = Math.max(schedule.nextMs, lastBatchAt + minBatchMs) - now();
      if (waitMs > 0) {
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        continue;
      }
      const at = now();
      lastBatchAt = at;
      const due = schedule.take(at, maxBatch);
      const batch = due.map(({ channel, dueMs }) => {
        const seq = (published[channel] ?? 0) + 1;
        published[channel] = seq;
        lateness.add((at - dueMs) * 1_000);
        return { channel, message: tickMessage(channel, seq, tickEpoch, stampsWhenSent ? now() : dueMs) };
      });
      ticks += batch.length;
      await outlet.publish(batch);
    }
  };

  return {
    start(request) {
      isWanted = true;
      ticks = 0;
      lateness.clear();
      startedAt = now();
      cpuAtStart = process.cpuUsage();
      running = run(request);
      // `stop` throws it.
      running.catch(() => {});
    },
    async stop() {
      isWanted = false;
      await running;
      const { user, system } = process.cpuUsage(cpuAtStart);
      const { p50, p99 } = lateness.summary();
      const seconds = (now() - startedAt) / 1_000;
      return { published, ticks, latenessMs: { p50, p99 }, seconds, cpu: (user + system) / 1e6 / seconds };
    },
  };
};
