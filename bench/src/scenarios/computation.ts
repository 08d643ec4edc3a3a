import type { Bench } from '../bench.js';

/** A computation in this process, measured beside others that do the same. */
export interface Computation {
  readonly name: string;
  /** Does a part of the work, a fraction of a second at most, and returns the number of items. */
  run(): number;
}

/** The first share of the time only warms the compiler up. */
const warmUpShare = 0.3;

/**
 * Measures what each costs by the processor's time, not the clock's, so that others on the machine disturb little.
 * They take turns, and each round begins with another.
 */
export const measureComputations = (bench: Bench, load: string, computations: readonly Computation[]): void => {
  const { rounds, seconds } = bench.options;
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < computations.length; turn += 1) {
      const computation = computations[(turn + round) % computations.length];
      if (computation === undefined) continue;
      runFor(computation, seconds * warmUpShare);
      const { items, cpuSeconds } = runFor(computation, seconds);
      bench.file(
        { peer: computation.name, clients: 0, channels: 0, load, round },
        { itemsPerCpuSecond: items / cpuSeconds, usPerItem: (cpuSeconds * 1e6) / items },
      );
    }
  }
};

const runFor = ({ run }: Computation, seconds: number): { items: number; cpuSeconds: number } => {
  const before = process.cpuUsage();
  let items = 0;
  let cpuSeconds = 0;
  while (cpuSeconds < seconds) {
    items += run();
    const { user, system } = process.cpuUsage(before);
    cpuSeconds = (user + system) / 1e6;
  }
  return { items, cpuSeconds };
};
