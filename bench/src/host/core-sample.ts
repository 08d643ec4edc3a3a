import { readFileSync } from 'node:fs';

/** Clock ticks of a set of cores since boot. */
export interface CoreSample {
  readonly busy: number;
  readonly total: number;
}

/** Undefined where there is no /proc/stat. */
export const sampleCores = (cores: readonly number[]): CoreSample | undefined => {
  let text: string;
  try {
    text = readFileSync('/proc/stat', 'utf8');
  } catch {
    return undefined;
  }
  let busy = 0;
  let total = 0;
  for (const core of cores) {
    const line = new RegExp(`^cpu${core} (.+)$`, 'm').exec(text)?.[1];
    // user nice system idle iowait irq softirq steal; what is guest time is in user already.
    const fields = (line ?? '').split(' ').slice(0, 8).map(Number);
    const idle = (fields[3] ?? 0) + (fields[4] ?? 0);
    const sum = fields.reduce((all, field) => all + field, 0);
    busy += sum - idle;
    total += sum;
  }
  return { busy, total };
};

/** Share of the time in which the cores were busy, 0 to 1. */
export const busyShare = (before: CoreSample | undefined, after: CoreSample | undefined): number | undefined => {
  if (before === undefined || after === undefined || after.total === before.total) return undefined;
  return (after.busy - before.busy) / (after.total - before.total);
};
