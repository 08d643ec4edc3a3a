import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { publicPackages } from '../support/packed-packages.js';
import { readmeExample } from '../support/readme-example.js';
import { root } from './repository.js';

interface Manifest {
  readonly private?: boolean;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly engines?: { readonly node: string };
  readonly files?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports: { readonly '.': { readonly types: string; readonly default: string } };
  readonly dependencies?: Readonly<Record<string, string>>;
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifestOf = (path: string): Manifest => JSON.parse(read(path)) as Manifest;

describe.each(publicPackages)('the package %s', (name) => {
  const manifest = manifestOf(`packages/${name}/package.json`);

  it('[E122] says what npm shows and checks', () => {
    const { engines, version, license } = manifestOf('package.json');
    expect(manifest).toMatchObject({ engines, version, license, description: expect.stringMatching(/^.{20,160}\.$/) });
    expect(manifest.private).toBeUndefined();
    expect(read(`packages/${name}/LICENSE`)).toBe(read('LICENSE'));
  });

  it('[E122] brings what it exports, and no test', () => {
    expect(manifest.exports['.']).toMatchObject({ types: './dist/index.d.ts', default: './dist/index.js' });
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'src', '!src/**/*.test.ts', '!src/testing']));
  });

  it('[E122] is built before it is packed: a fresh clone has no dist, and npm packs without it in silence', () => {
    expect(manifest.scripts?.['prepack']).toBe('node ../../scripts/build.mjs');
  });

  it('[E122] needs no package of ours that cannot be installed', () => {
    const ours = Object.keys(manifest.dependencies ?? {}).filter((each) => each.startsWith('@tickwire/'));
    const known = publicPackages.map((each) => `@tickwire/${each}`);
    expect(ours.filter((each) => !known.includes(each))).toEqual([]);
  });

  it('[E122] says in its README how its documentation is had', () => {
    expect(read(`packages/${name}/README.md`)).toContain('`npm run docs:api`');
  });

  it('[E122] has a short example in its README that says what it prints', () => {
    const { code, prints } = readmeExample(`packages/${name}/README.md`);
    expect(code).toContain(`from '@tickwire/${name}';`);
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
    expect(prints.length).toBeGreaterThan(0);
  });
});
