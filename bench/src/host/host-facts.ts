import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import type { CorePlan } from './core-plan.js';
import { inRoot, root } from './paths.js';

/** The conditions of a run, without which its figures mean nothing. */
export interface HostFacts {
  readonly at: string;
  readonly commit: string;
  readonly system: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  /** Which process runs on which core. */
  readonly pinning: string;
  readonly maxClients: number;
  readonly versions: Readonly<Record<string, string>>;
}

export const hostFacts = (plan: CorePlan, redisVersion: string): HostFacts => ({
  at: new Date().toISOString(),
  commit: commit(),
  system: `${type()} ${release()}`,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryGib: Math.round(totalmem() / 2 ** 30),
  pinning: plan.isPinned
    ? `server on core ${plan.server}, generator on ${plan.load}, Redis and publisher on ${plan.backstage}`
    : 'not pinned: no taskset, or one core',
  maxClients: maxClientsHere(),
  versions: { node: process.versions.node, redis: redisVersion, ...installedVersions() },
});

const commit = (): string => {
  const git = (...args: string[]): string =>
    spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';
  const hash = git('rev-parse', '--short', 'HEAD');
  if (hash === '') return 'unknown';
  return git('status', '--porcelain', '--', 'packages', 'apps', 'bench') === '' ? hash : `${hash} with changes`;
};

const installedVersions = (): Record<string, string> => {
  const versions: Record<string, string> = {};
  for (const name of ['ws', 'ioredis', 'socket.io', '@socket.io/redis-adapter']) {
    const file = inRoot(`node_modules/${name}/package.json`);
    if (existsSync(file)) versions[name] = (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  }
  return versions;
};

/** Descriptors that a process needs beside its clients: pipes, Redis, the epoll set, the runtime's own files. */
const reserve = 64;

/** How many clients one process can hold with the descriptors it may open; Infinity where that cannot be known. */
export const maxClientsHere = (): number => {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
    return soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft) - reserve;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
};
