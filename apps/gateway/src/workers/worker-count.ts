import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Number of processors that the container's quota allows; Infinity without a quota. */
export const quotaCores = (): number => {
  try {
    const [quota, period] = readFileSync('/sys/fs/cgroup/cpu.max', 'utf8').trim().split(' ').map(Number);
    return Number.isFinite(quota) && quota !== undefined && period !== undefined ? quota / period : Infinity;
  } catch {
    return Infinity;
  }
};

export interface Processors {
  /** @default those that this process may run on */
  readonly cores?: number;
  /** @default what the container's quota allows */
  readonly quota?: number;
}

/**
 * How many workers a gateway has: as many as asked for, else one a processor, less one for what else there is to do
 * (Redis, the balancer, the primary itself, the kernel's share of the network).
 */
export const workerCount = (
  asked: number | undefined,
  { cores = availableParallelism(), quota = quotaCores() }: Processors = {},
): number => asked ?? Math.max(1, Math.floor(Math.min(cores, quota)) - 1);

/**
 * A worker's part of a bound that holds for the gateway, rounded up. For bounds that are counted where they hold, since
 * clients are dealt out evenly; `MAX_CONNECTIONS` and its like are counted by the primary instead.
 */
export const shareOf = (bound: number, workers: number): number => Math.ceil(bound / workers);
