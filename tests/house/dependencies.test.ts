import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { filesUnder, root } from './repository.js';

interface PackageJson {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const workspaces = ['packages', 'apps'].flatMap((parent) =>
  readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
);
const manifests = ['.', 'bench', 'tests', ...workspaces]
  .map((folder) => join(folder, 'package.json'))
  .filter((path) => existsSync(join(root, path)));

const used = new Set(
  manifests.flatMap((path) => {
    const { dependencies, devDependencies, peerDependencies } = JSON.parse(
      readFileSync(join(root, path), 'utf8'),
    ) as PackageJson;
    return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies });
  }),
);
const foreign = [...used].filter((name) => !name.startsWith('@tickwire/'));
const reasons = readFileSync(join(root, 'docs/dependencies.md'), 'utf8');
/** The names in the first cell of a row, and the reason in its last. */
const rows = [...reasons.matchAll(/^\| (`.+?`) +\|.*\| +([^|]+?) +\|$/gm)];
const named = rows.flatMap(([, names = '']) => [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''));

describe('docs/dependencies.md', () => {
  test('has a row with a reason for each dependency', () => {
    expect(foreign.length).toBeGreaterThan(30);
    expect(foreign.filter((name) => !named.includes(name)).sort()).toEqual([]);
    expect(rows.filter(([, , reason = '']) => reason.length < 10).map(([, names]) => names)).toEqual([]);
  });

  test('has no row for what nobody uses', () => {
    expect(named.filter((name) => !used.has(name))).toEqual([]);
  });
});

describe('what is given', () => {
  test('the user fixed these packages and these files of the top level', () => {
    const fixed = ['ws', 'ioredis', 'express', 'dotenv', 'pino', 'jest', 'ts-jest'];
    expect(fixed.filter((name) => !used.has(name))).toEqual([]);
    const files = ['package.json', 'tsconfig.json', 'apps', 'packages', 'docker-compose.yml', 'jest.config.ts'];
    expect([...files, 'README.md'].filter((name) => !existsSync(join(root, name)))).toEqual([]);
    expect(readFileSync(join(root, 'jest.config.ts'), 'utf8')).toContain("'ts-jest'");
  });
});

describe('a start', () => {
  test('loads what only some configurations use when it is used, not before', () => {
    const late = ['ioredis', 'jose', 'yauzl', './documents/openapi.js', './documents/asyncapi.js'];
    const sources = filesUnder(['packages', 'apps'], ['.ts']).filter(({ path }) => !path.endsWith('.test.ts'));
    const imports = (name: string, how: RegExp) =>
      sources.filter(({ text }) => new RegExp(`${how.source}'${name.replaceAll('.', '\\.')}'`, 'm').test(text));
    for (const name of late) {
      expect([name, imports(name, /^(?:import|export) (?!type )[^;]*? from /).map(({ path }) => path)]).toEqual([
        name,
        [],
      ]);
      expect([name, imports(name, /import\(/).length > 0]).toEqual([name, true]);
    }
  });
});
