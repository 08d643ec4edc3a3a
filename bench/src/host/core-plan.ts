import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Which cores do what. With two or more cores, the measured server has one of its own. */
export interface CorePlan {
  readonly server: readonly number[];
  /** The cores of a server that uses two. With fewer than four cores, one of them is shared. */
  readonly pair: readonly number[];
  /** One load generator each. */
  readonly load: readonly number[];
  /** Redis, the publisher and this process: the generator's core where there are only two. */
  readonly backstage: readonly number[];
  /** False without taskset or a second core: then all share every core, and figures are worth less. */
  readonly isPinned: boolean;
}

/** The most load generators: one of them reads as much as one core of a server writes. */
const mostGenerators = 4;

export const planCores = (): CorePlan => planFor(allowedCores(), spawnSync('taskset', ['--version']).status === 0);

export const planFor = (cores: readonly number[], canPin: boolean): CorePlan => {
  const [first, second] = cores;
  const last = cores.at(-1);
  if (first === undefined || second === undefined || last === undefined || !canPin) {
    return { server: cores, pair: cores, load: cores.slice(0, 1), backstage: cores, isPinned: false };
  }
  return {
    server: [first],
    pair: [first, cores.length < 4 ? last : (cores.at(-2) as number)],
    load: cores.slice(1, Math.max(2, cores.length - 2)).slice(0, mostGenerators),
    backstage: [last],
    isPinned: true,
  };
};

/** Moves this process away from the server's core. */
export const leaveServerCore = (plan: CorePlan): void => {
  if (plan.isPinned) spawnSync('taskset', ['-a', '-cp', plan.backstage.join(','), String(process.pid)]);
};

/** The cores of this process: a container may have fewer than the machine. */
const allowedCores = (): readonly number[] => {
  let list: string | undefined;
  try {
    list = /^Cpus_allowed_list:\s+(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  } catch {
    return [];
  }
  return (list ?? '').split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number);
    if (from === undefined || to === undefined || Number.isNaN(from)) return [];
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
};
