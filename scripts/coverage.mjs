// `npm run coverage`: the lines and branches that the tests reach, one line per package. Processes that end-to-end
// tests start do not count. To list all branches that no test takes: `npm run coverage -- --branches packages/hub`.
// Needs what `npm test` needs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, root } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { runMain, SetupError } from './lib/setup-error.mjs';

const directory = join(cacheDir, 'coverage');
const projects = ['unit', 'slow', 'integration'].flatMap((name) => ['--selectProjects', name]);
const args = [
  ...['--coverage', '--coverageProvider=v8', `--coverageDirectory=${directory}`, '--coverageReporters=json'],
  ...['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts'].map((glob) => `--collectCoverageFrom=${glob}`),
  ...['/testing/', '\\.test\\.ts$', '/main\\.ts$'].map((pattern) => `--coveragePathIgnorePatterns=${pattern}`),
];

/** @typedef {{ start: { line: number } }} Place */
/** @typedef {{ s: Record<string, number>, b: Record<string, number[]>, branchMap: Record<string, { loc: Place }> }} FileCoverage */

/** @returns {[string, FileCoverage][]} by path from the root */
const readCoverage = () =>
  Object.entries(JSON.parse(readFileSync(join(directory, 'coverage-final.json'), 'utf8'))).map(([path, file]) => [
    path.slice(root.length + 1),
    file,
  ]);

/** @param {readonly number[]} counts */
const share = (counts) =>
  counts.length === 0 ? '-' : `${((100 * counts.filter((count) => count > 0).length) / counts.length).toFixed(1)} %`;

/** @param {readonly FileCoverage[]} files */
const rowOf = (files) => ({
  lines: share(files.flatMap(({ s }) => Object.values(s))),
  branches: share(files.flatMap(({ b }) => Object.values(b).flat())),
});

const printTable = () => {
  /** @type {Map<string, FileCoverage[]>} */
  const packages = new Map();
  const all = readCoverage();
  for (const [path, file] of all) {
    const name = path.split('/').slice(0, 2).join('/');
    packages.set(name, [...(packages.get(name) ?? []), file]);
  }
  const rows = [...packages].sort(([a], [b]) => a.localeCompare(b)).map(([name, files]) => [name, rowOf(files)]);
  console.table(Object.fromEntries([...rows, ['all', rowOf(all.map(([, file]) => file))]]));
};

/** @param {string} under */
const printBranches = (under) => {
  for (const [path, { b, branchMap }] of readCoverage().filter(([path]) => path.startsWith(under))) {
    const missed = Object.entries(b).flatMap(([id, counts]) => (counts.includes(0) ? [branchMap[id]] : []));
    const lines = new Set(missed.flatMap((branch) => (branch === undefined ? [] : [branch.loc.start.line])));
    if (lines.size > 0) console.log(`${path}: ${[...lines].join(', ')}`);
  }
};

await runMain(async () => {
  const at = process.argv.indexOf('--branches');
  if (at !== -1) return printBranches(process.argv[at + 1] ?? '');
  const jest = join(root, 'scripts', 'jest.mjs');
  const { ok } = await run(process.execPath, [jest, ...process.argv.slice(2), ...args, ...projects], {
    show: 'errors',
    timeoutMs: 60 * 60_000,
  });
  printTable();
  if (!ok) throw new SetupError('a test failed, so the figures say less than they could');
});
