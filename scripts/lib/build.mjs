import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runNpm } from './npm.mjs';
import { cacheDir, root } from './paths.mjs';
import { run } from './run.mjs';
import { SetupError } from './setup-error.mjs';

const stampFile = join(cacheDir, 'build.json');
const NOT_SOURCES = new Set(['node_modules', 'dist', 'testing', '.DS_Store']);

/**
 * Names, sizes and times of all sources under a folder. Times alone are not enough: after a checkout of an older
 * version, or after a file was deleted, nothing is newer than the build.
 * @param {string} dir
 * @param {string[]} [into]
 */
const listSources = (dir, into = []) => {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (NOT_SOURCES.has(entry.name) || entry.name.includes('.test.')) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) listSources(path, into);
    else {
      const { size, mtimeMs } = statSync(path);
      into.push(`${path} ${size} ${mtimeMs}`);
    }
  }
  return into;
};

/** @param {string[]} lines */
const hash = (lines) => createHash('sha256').update(lines.join('\n')).digest('hex');

const fingerprint = () => {
  const all = ['packages', 'apps'].flatMap((dir) => listSources(join(root, dir)));
  const isConfig = (/** @type {string} */ line) => /(tsconfig[^/\\]*|package)\.json /.test(line);
  const configs = readdirSync(root).filter((name) => /^(tsconfig.*|package-lock)\.json$/.test(name));
  const rootConfigs = configs.map((name) => `${name} ${hash([readFileSync(join(root, name), 'utf8')])}`);
  return { sources: hash(all), configs: hash([...all.filter(isConfig), ...rootConfigs]) };
};

/** An app that bundles for the browser does so in its own `build` script; packages that `tsc -b` builds have none. */
const bundles = () =>
  readdirSync(join(root, 'apps'))
    .map((name) => join('apps', name))
    .filter((path) => {
      const manifest = join(root, path, 'package.json');
      return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).scripts?.build !== undefined;
    });

/** `tsc -b` leaves its record in each `dist`, a bundler its page. If one of them is missing, both must run again. */
const isBuilt = () => {
  const { references } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const projects = references.map((/** @type {{ path: string }} */ { path }) => join(path, 'dist', '.tsbuildinfo'));
  const pages = bundles().map((path) => join(path, 'dist', 'index.html'));
  return [...projects, ...pages].every((file) => existsSync(join(root, file)));
};

const readStamp = () => {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
};

/**
 * Compiles the packages and apps to their `dist` folders.
 * @param {ReturnType<typeof fingerprint>} now
 * @throws {SetupError} with the compiler's output if the sources do not compile
 */
const build = async (now) => {
  const require = createRequire(join(root, 'package.json'));
  const tsc = join(dirname(require.resolve('@typescript/native/package.json')), 'bin', 'tsc');
  // tsc -b does not notice every change of its options, such as `lib`.
  const force = readStamp().configs === now.configs ? [] : ['--force'];
  const compiled = await run(process.execPath, [tsc, '-b', ...force]);
  if (!compiled.ok) throw new SetupError(`The sources do not compile:\n${compiled.output.trim()}`);
  for (const path of bundles()) {
    const bundled = await runNpm(['run', 'build', '--silent', '--workspace', path]);
    if (!bundled.ok) throw new SetupError(`${path} does not build:\n${bundled.output.trim()}`);
  }
  mkdirSync(cacheDir, { recursive: true });
  writeFileSync(stampFile, JSON.stringify(now));
};

/** @param {ReturnType<typeof fingerprint>} now */
const isBuiltFrom = (now) => {
  const stamp = readStamp();
  return stamp.sources === now.sources && stamp.configs === now.configs && isBuilt();
};

/** Whether the last build is of the sources as they are. */
export const isUpToDate = () => isBuiltFrom(fingerprint());

/** Builds what changed since the last build; returns at once if nothing did. */
export const ensureBuilt = async () => {
  const now = fingerprint();
  if (isBuiltFrom(now)) return;
  console.error('Compiling ...');
  await build(now);
};

/** Lets the compiler decide what to build. */
export const buildAll = () => build(fingerprint());
