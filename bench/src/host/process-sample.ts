import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel says of a process at one instant; undefined where it has no such thing (no /proc). */
export interface ProcessSample {
  /** Of all its threads. */
  readonly cpuSeconds: number | undefined;
  /** `write` and `writev` calls so far; the `send` family is not among them. */
  readonly writeCalls: number | undefined;
}

const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

export const sampleProcess = (pid: number): ProcessSample => ({
  cpuSeconds: cpuSecondsOf(pid),
  writeCalls: numberIn(textOf(`/proc/${pid}/io`), /^syscw: (\d+)/m),
});

/** Resident memory; exact, at the price of a walk over the process's maps. */
export const rssBytesOf = (pid: number): number | undefined => {
  const kib = numberIn(textOf(`/proc/${pid}/smaps_rollup`), /^Rss:\s+(\d+) kB/m);
  return kib === undefined ? undefined : kib * 1_024;
};

/** schedstat counts nanoseconds, but of one thread each: a thread that ended is not in the sum. */
const cpuSecondsOf = (pid: number): number | undefined => {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return undefined;
  }
  let nanoseconds = 0;
  for (const thread of threads) {
    nanoseconds += Number(textOf(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0);
  }
  return nanoseconds / 1e9;
};

const numberIn = (text: string | undefined, pattern: RegExp): number | undefined => {
  const found = text === undefined ? undefined : pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};
