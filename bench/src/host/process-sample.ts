import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel says of a process and those it started, at one instant; undefined where it has no such thing (no /proc). */
export interface ProcessSample {
  /** Processor time of all its threads. */
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

export const sampleProcess = (pid: number): ProcessSample => {
  const tree = processTree(pid);
  return {
    cpuSeconds: sumOf(tree.map(cpuSecondsOf)),
    writeCalls: sumOf(tree.map((process) => numberIn(textOf(`/proc/${process}/io`), /^syscw: (\d+)/m))),
  };
};

/** The process and all below it; itself alone where that cannot be known. */
export const processTree = (pid: number): readonly number[] => {
  const children = threadsOf(pid).flatMap((thread) =>
    (textOf(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter((text) => text.trim() !== ''),
  );
  return [pid, ...children.flatMap((child) => processTree(Number(child)))];
};

const sumOf = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
};

/** Resident memory; exact, at the price of a walk over the process's maps. */
export const rssBytesOf = (pid: number): number | undefined => {
  const kib = numberIn(textOf(`/proc/${pid}/smaps_rollup`), /^Rss:\s+(\d+) kB/m);
  return kib === undefined ? undefined : kib * 1_024;
};

/** schedstat counts nanoseconds, but of one thread each: a thread that ended is not in the sum. */
const cpuSecondsOf = (pid: number): number | undefined => {
  const threads = threadsOf(pid);
  if (threads.length === 0) return undefined;
  let nanoseconds = 0;
  for (const thread of threads) {
    nanoseconds += Number(textOf(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0);
  }
  return nanoseconds / 1e9;
};

const threadsOf = (pid: number): readonly string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
};

const numberIn = (text: string | undefined, pattern: RegExp): number | undefined => {
  const found = text === undefined ? undefined : pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};
