import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { root } from './repository.js';

type Versions = Readonly<Record<string, string>>;

interface LockEntry {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
  readonly optionalDependencies?: Versions;
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(join(root, path), 'utf8')) as T;

const foldersIn = (parent: string): readonly string[] =>
  readdirSync(join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((path) => existsSync(join(root, path, 'package.json')));

const { packages } = readJson<{ readonly packages: Readonly<Record<string, LockEntry>> }>('package-lock.json');

/** As Node resolves: in the package's own node_modules, else in one further up. */
const isLocked = (from: string, name: string): boolean => {
  if (packages[`${from === '' ? '' : `${from}/`}node_modules/${name}`] !== undefined) return true;
  if (from === '') return false;
  const above = from.lastIndexOf('/node_modules/');
  return isLocked(above === -1 ? '' : from.slice(0, above), name);
};

describe('package-lock.json', () => {
  test('has every platform package, so that npm ci works on every platform', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.entries(optionalDependencies)
        .filter(([name]) => !isLocked(path, name))
        .map(([name, version]) => `${name}@${version}, an optional dependency of ${path}`),
    );
    expect(missing).toEqual([]);
  });

  test('names no registry: everybody installs from their own', () => {
    const hosts = Object.entries(packages).filter(([, { link, resolved }]) => !link && resolved !== undefined);
    expect(hosts.map(([path, { resolved }]) => `${path} from ${resolved}`)).toEqual([]);
  });

  test('says of each workspace what its package.json says', () => {
    const workspaces = ['.', 'bench', 'tests', ...foldersIn('packages'), ...foldersIn('apps')];
    const ofLock = workspaces.map((path) => dependenciesOf(path, packages[path === '.' ? '' : path] ?? {}));
    const ofManifests = workspaces.map((path) => dependenciesOf(path, readJson(join(path, 'package.json'))));
    expect(ofLock).toEqual(ofManifests);
  });
});

const dependenciesOf = (path: string, { dependencies = {}, devDependencies = {} }: LockEntry): object => ({
  path,
  dependencies,
  devDependencies,
});
