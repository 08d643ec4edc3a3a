import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../host/paths.js';

const cacheDir = inRoot('.cache/bench');
const buildLimitMs = 20 * 60_000;

/** A program that is not in the repository: built, or installed, once a version of what it is made of. */
export interface BuiltProgram {
  /** Where it is, or will be. */
  file(): string;
  /** Makes it, which may take minutes, unless it is there. @throws Error with the reason where it cannot be had here. */
  build(): void;
}

/** Runs a tool of a compiler. @throws Error with the last of what it wrote, or that there is no such tool. */
const run = (tool: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): void => {
  const options = { cwd, env: { ...process.env, ...env }, encoding: 'utf8', timeout: buildLimitMs } as const;
  const { status, stderr, error } = spawnSync(tool, args, options);
  if (error !== undefined) throw new Error('code' in error && error.code === 'ENOENT' ? `no ${tool}` : error.message);
  if (status !== 0) throw new Error(`${tool} failed: ${stderr.trim().split('\n').slice(-3).join(' ')}`);
};

const versionOf = (files: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
};

/** `make` leaves it at the path it is given. */
const builtFrom = (name: string, sources: readonly string[], make: (file: string) => void): BuiltProgram => {
  const file = (): string => join(cacheDir, `${name}-${versionOf(sources.map(inRoot))}`);
  return {
    file,
    build() {
      if (existsSync(file())) return;
      mkdirSync(cacheDir, { recursive: true });
      const unfinished = `${file()}.${process.pid}`;
      make(unfinished);
      renameSync(unfinished, file());
    },
  };
};

export const cProgram = (name: string): BuiltProgram =>
  builtFrom(name, [`bench/peers/c/${name}.c`], (file) => {
    if (process.platform !== 'linux') throw new Error('it uses epoll, which only Linux has');
    run('cc', ['-O2', '-o', file, inRoot(`bench/peers/c/${name}.c`)], cacheDir);
  });

export const goProgram = (name: string): BuiltProgram => {
  const folder = `bench/peers/${name}`;
  return builtFrom(
    name,
    ['main.go', 'go.mod', 'go.sum'].map((file) => `${folder}/${file}`),
    (file) => {
      run('go', ['build', '-o', file, '.'], inRoot(folder), { GOFLAGS: '-buildvcs=false -mod=readonly' });
    },
  );
};

export const rustProgram = (name: string): BuiltProgram => {
  const folder = `bench/peers/${name}`;
  return builtFrom(
    name,
    ['src/main.rs', 'Cargo.toml', 'Cargo.lock'].map((file) => `${folder}/${file}`),
    (file) => {
      const target = join(cacheDir, `${name}-target`);
      run('cargo', ['build', '--release', '--locked', '--target-dir', target], inRoot(folder));
      copyFileSync(join(target, 'release', name), file);
    },
  );
};

/** An npm package whose platform packages hold a program, without its install script: that one would only copy it. */
export const npmProgram = (name: string, version: string, scope: string): BuiltProgram => {
  const folder = join(cacheDir, `${name}-${version}`);
  const packages = join(folder, 'node_modules', scope);
  const file = (): string => {
    const [found = name] = existsSync(packages) ? readdirSync(packages) : [];
    return join(packages, found, 'bin', name);
  };
  return {
    file,
    build() {
      if (existsSync(file())) return;
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
      run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`], folder);
      if (!existsSync(file())) throw new Error(`${name} ${version} has no program for this platform`);
    },
  };
};

const failures = new Map<string, string>();

/** Builds it where it is not there. Why it cannot be had here; undefined when it is there. */
export const missingProgram = (program: BuiltProgram): string | undefined => {
  const file = program.file();
  if (existsSync(file)) return undefined;
  const known = failures.get(file);
  if (known !== undefined) return known;
  try {
    program.build();
    return undefined;
  } catch (error) {
    const reason = (error as Error).message;
    failures.set(file, reason);
    return reason;
  }
};
