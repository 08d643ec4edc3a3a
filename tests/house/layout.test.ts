import { posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { filesUnder } from './repository.js';

/**
 * Which folders of a source tree may import from which. A folder that is not listed may import from any; its folders
 * inside, and what stands beside `main.ts`, count as its own.
 */
const allowed: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'packages/hub/src': {
    'fan-out': ['counters'],
    channel: ['counters', 'fan-out'],
  },
  'apps/producer/src': {
    feed: [],
    pipeline: [],
    publish: [],
  },
  'apps/gateway/src': {
    timing: [],
    'protocols/plain-json': ['protocols/*', 'access', 'catalog', 'metrics', 'timing'],
    'protocols/centrifuge': [
      'protocols/*',
      'access',
      'catalog',
      'limits/allowance',
      'limits/client-address',
      'metrics',
      'timing',
    ],
    'protocols/binance': ['protocols/*', 'access', 'catalog', 'http/api', 'limits/read-turns', 'timing'],
  },
};

/** Trees in which no file may need itself, through whatever others. */
const withoutCircles = [
  ...['protocol', 'channel-layer', 'market', 'forecast', 'hub', 'fleet', 'runtime'].map(
    (name) => `packages/${name}/src`,
  ),
  'apps/producer/src',
  'apps/gateway/src',
];

type Graph = ReadonlyMap<string, readonly string[]>;

/** From each file to those it imports, in paths from the tree's root without their ending. */
const importsIn = (tree: string): Graph => {
  const sources = filesUnder([tree], ['.ts']).filter(({ path }) => !/\.test\.ts$|\/testing\//.test(path));
  return new Map(
    sources.map(({ path, text }) => {
      const file = path.slice(tree.length + 1, -'.ts'.length);
      const imported = [...text.matchAll(/ from '(\.[^']*)\.js'/g)].map(([, to = '']) =>
        posix.normalize(posix.join(posix.dirname(file), to)),
      );
      return [file, imported] as const;
    }),
  );
};

const isUnder = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`);

/** `protocols/*` is what lies in that folder itself. */
const mayImport = (to: string, allowedFolder: string): boolean =>
  allowedFolder.endsWith('/*') ? posix.dirname(to) === allowedFolder.slice(0, -2) : isUnder(to, allowedFolder);

/** One circle through the file, or nothing. */
const circleFrom = (start: string, graph: Graph): readonly string[] => {
  const seen = new Set<string>();
  const walk = (file: string, path: readonly string[]): readonly string[] => {
    for (const next of graph.get(file) ?? []) {
      if (next === start) return [...path, file, start];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...path, file]);
      if (found.length > 0) return found;
    }
    return [];
  };
  return walk(start, []);
};

describe('the layout', () => {
  test.each(Object.entries(allowed))('%s: arrows between its folders point one way', (tree, folders) => {
    const graph = importsIn(tree);
    expect(graph.size).toBeGreaterThan(5);
    const wrong: string[] = [];
    for (const [folder, others] of Object.entries(folders)) {
      const files = [...graph].filter(([file]) => isUnder(file, folder));
      expect({ folder, files: files.length }).not.toEqual({ folder, files: 0 });
      for (const [file, imported] of files) {
        const foreign = imported.filter((to) => !isUnder(to, folder) && !others.some((other) => mayImport(to, other)));
        wrong.push(...foreign.map((to) => `${file} imports ${to}`));
      }
    }
    expect(wrong).toEqual([]);
  });

  test.each(withoutCircles)('%s: no file needs itself', (tree) => {
    const graph = importsIn(tree);
    const circles = [...graph.keys()].map((file) => circleFrom(file, graph)).filter(({ length }) => length > 0);
    expect(circles).toEqual([]);
  });
});
