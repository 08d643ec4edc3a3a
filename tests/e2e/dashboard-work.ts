import type { Browser, Page } from 'playwright-core';

/** What the page's main thread did in some time, as Chromium's own trace has it. */
export interface Work {
  readonly frames: number;
  readonly seconds: number;
  /** Time on the processor of each task of a millisecond and more, ascending: what another process takes is not in it. */
  readonly taskCpuMs: readonly number[];
  /** The same by the clock on the wall. */
  readonly taskWallMs: readonly number[];
  /** Share of one processor. */
  readonly share: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Tasks only: all that happens in them would cost more to write down than to do. */
const categories = ['toplevel'];
const taskNames = new Set(['RunTask', 'ThreadControllerImpl::RunTask']);
const shortestMs = 1;

export const measureWork = async (browser: Browser, page: Page, forMs: number): Promise<Work> => {
  await browser.startTracing(page, { categories });
  const frames = await page.evaluate(
    (ms) =>
      new Promise<number>((resolve) => {
        const until = performance.now() + ms;
        let count = 0;
        const frame = (now: number): void => {
          count += 1;
          if (now < until) requestAnimationFrame(frame);
          else resolve(count);
        };
        requestAnimationFrame(frame);
      }),
    forMs,
  );
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  const tasks = tasksOf(traceEvents);
  const cpu = tasks.map(({ tdur = 0 }) => tdur / 1_000);
  return {
    frames,
    seconds: forMs / 1_000,
    taskCpuMs: ascending(cpu.filter((ms) => ms >= shortestMs)),
    taskWallMs: ascending(tasks.map(({ dur = 0 }) => dur / 1_000).filter((ms) => ms >= shortestMs)),
    share: cpu.reduce((sum, ms) => sum + ms, 0) / forMs,
  };
};

/** Tasks of the busiest main thread. That is the page's: other renderers have nothing to do. */
const tasksOf = (events: readonly TraceEvent[]): readonly TraceEvent[] => {
  const mains = events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const byThread = mains.map(({ pid, tid }) => {
    const own = events.filter((event) => event.pid === pid && event.tid === tid && event.ph === 'X');
    const names = [...taskNames].find((name) => own.some((event) => event.name === name));
    return own.filter(({ name }) => name === names);
  });
  const busiest = byThread.sort((a, b) => b.length - a.length)[0];
  if (busiest === undefined || busiest.length === 0) throw new Error('the trace has no task of a main thread');
  return busiest;
};

const ascending = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);

export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Bytes in use once everything unreachable was collected. */
export const usedHeap = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page);
  try {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return usedSize;
  } finally {
    await session.detach();
  }
};
