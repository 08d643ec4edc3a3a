import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonPeerBin } from './python-peer.js';

const requirements = fileURLToPath(new URL('../e2e/clients/python-clients.txt', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/', import.meta.url));
const installMs = 600_000;

/** A client written in Python, in an environment of its own. */
export interface ClientPython {
  readonly version: string;
  /** Undefined where it cannot be installed. */
  readonly bin: string | undefined;
}

/** Installs the pinned version with pip, once for as long as it is pinned. */
export const clientPython = (name: string): ClientPython => {
  const [requirement, version = ''] =
    new RegExp(`^${name}==(\\S+)$`, 'm').exec(readFileSync(requirements, 'utf8')) ?? [];
  if (requirement === undefined) throw new Error(`${requirements} does not pin ${name}`);
  const venv = join(cache, `python-${name}`);
  const bin = join(venv, 'bin', 'python');
  const stamp = join(venv, 'requirement');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === requirement) return { version, bin };
  rmSync(venv, { recursive: true, force: true });
  const isDone = (command: string, args: readonly string[]): boolean =>
    spawnSync(command, args, { stdio: 'ignore', timeout: installMs }).status === 0;
  if (!isDone(pythonPeerBin(), ['-m', 'venv', venv])) return { version, bin: undefined };
  if (!isDone(bin, ['-m', 'pip', 'install', '-q', requirement])) return { version, bin: undefined };
  writeFileSync(stamp, requirement);
  return { version, bin };
};
