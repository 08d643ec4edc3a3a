import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../host/paths.js';

const cacheDir = inRoot('.cache/bench');
const compiled = new Map<string, string>();

/** Compiles `peers/c/<name>.c` once a version of it. Throws with the reason where that cannot be done here. */
export const compileC = (name: string): string => {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  if (process.platform !== 'linux') throw new Error('it uses epoll, which only Linux has');
  const source = inRoot(`bench/peers/c/${name}.c`);
  const version = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
  const program = join(cacheDir, `${name}-${version}`);
  if (!existsSync(program)) {
    mkdirSync(cacheDir, { recursive: true });
    const { status, stderr, error } = spawnSync('cc', ['-O2', '-o', program, source], { encoding: 'utf8' });
    if (status !== 0) throw new Error(error === undefined ? `cc failed: ${stderr.trim()}` : 'no C compiler (cc)');
  }
  compiled.set(name, program);
  return program;
};

/** Why a C program cannot be had here. */
export const missingC = (name: string): string | undefined => {
  try {
    compileC(name);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};
