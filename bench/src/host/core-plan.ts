import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Which cores do what. What is measured has one core of its own where there are two. */
export interface CorePlan {
  readonly server: readonly number[];
  /** The load generator's. */
  readonly load: readonly number[];
  /** Redis, the publisher and this process: the generator's core where there are only two. */
  readonly backstage: readonly number[];
  /** False without taskset or a second core: then all share everything, and figures are worth less. */
  readonly isPinned: boolean;
}

export const planCores = (): CorePlan => {
  const cores = allowedCores();
  const [first, second, ...rest] = cores;
  const canPin = spawnSync('taskset', ['--version']).status === 0;
  if (first === undefined || second === undefined || !canPin) {
    return { server: cores, load: cores, backstage: cores, isPinned: false };
  }
  return { server: [first], load: [second], backstage: rest.length > 0 ? rest : [second], isPinned: true };
};

/** Moves this process away from the server's core. */
export const leaveServerCore = (plan: CorePlan): void => {
  if (plan.isPinned) spawnSync('taskset', ['-a', '-cp', plan.backstage.join(','), String(process.pid)]);
};

/** A container may have fewer than the machine. */
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
