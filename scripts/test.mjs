// `npm test`: sets up whatever is missing, then checks types and style, builds, and runs every test. Its last line is
// "N passed, N failed", where lint, types and the build count as one each.
//
//   node scripts/test.mjs [--setup-only] [arguments for Jest, such as a path]

import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { runJestPhase } from './lib/jest-phase.mjs';
import { withSetupLock } from './lib/lock.mjs';
import { requireNodeVersion } from './lib/node-version.mjs';
import { root } from './lib/paths.mjs';
import { ensurePythonPeer } from './lib/python-peer.mjs';
import { run } from './lib/run.mjs';
import { runMain, SetupError } from './lib/setup-error.mjs';
import { ensureSystemParts } from './lib/system-parts.mjs';
import { chosenParts, readTestParts, writeTestParts } from './lib/test-parts.mjs';

/** @typedef {import('./lib/jest-phase.mjs').Tally} Tally */

const MINUTE_MS = 60_000;

/** Those that start servers and browsers compete for the processor: fewer at a time, so that deadlines mean something. */
const PHASES = /** @type {const} */ ([
  { project: 'unit', workers: availableParallelism(), limitMs: 10 * MINUTE_MS },
  { project: 'integration', workers: 2, limitMs: 20 * MINUTE_MS },
  { project: 'e2e', workers: 2, limitMs: 25 * MINUTE_MS },
]);

const setUp = async () => {
  const chosen = chosenParts();
  const [parts] = await Promise.all([
    (async () => {
      const system = await ensureSystemParts({ ...readTestParts(), ...chosen });
      return { ...system, PEER_PYTHON: await ensurePythonPeer(chosen) };
    })(),
    ensureDependencies(),
  ]);
  writeTestParts(parts);
  for (const [name, file] of Object.entries(parts)) console.log(`set-up: ${name}=${file}`);
};

/**
 * @param {string} name
 * @param {string} packageName
 * @param {string} bin
 * @param {readonly string[]} args
 * @returns {Promise<Tally>}
 */
const runTool = async (name, packageName, bin, args) => {
  const require = createRequire(join(root, 'package.json'));
  const file = join(dirname(require.resolve(`${packageName}/package.json`)), bin);
  const { ok, output } = await run(process.execPath, [file, ...args]);
  console.log(`${name}: ${ok ? 'passed' : 'failed'}`);
  if (!ok) console.log(output.trim());
  return ok ? { passed: 1, failures: [] } : { passed: 0, failures: [name] };
};

/** @returns {Promise<Tally>} */
const runBuild = async () => {
  try {
    await withSetupLock(ensureBuilt);
    console.log('build: passed');
    return { passed: 1, failures: [] };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.log(`build: failed\n${error.message}`);
    return { passed: 0, failures: ['build'] };
  }
};

/**
 * @param {readonly string[]} jestArgs
 * @returns {Promise<Tally[]>}
 */
const runAll = async (jestArgs) => {
  const checks = await Promise.all([
    runTool('lint', '@biomejs/biome', 'bin/biome', ['check', '--error-on-warnings', '.']),
    runTool('types', '@typescript/native', 'bin/tsc', ['-p', 'tsconfig.check.json']),
    runBuild(),
  ]);
  const isBuilt = checks.every(({ failures }) => !failures.includes('build'));
  const tallies = [];
  for (const phase of PHASES) {
    // These run what the build made, and what an earlier one made would tell lies.
    if (phase.project === 'e2e' && !isBuilt) break;
    const tally = await runJestPhase(phase, [...jestArgs, '--passWithNoTests']);
    const isEmpty = tally.passed === 0 && tally.failures.length === 0;
    tallies.push(isEmpty && jestArgs.length === 0 ? { passed: 0, failures: [`no ${phase.project} test ran`] } : tally);
  }
  if (tallies.every(({ passed, failures }) => passed + failures.length === 0)) {
    tallies.push({ passed: 0, failures: ['no test ran'] });
  }
  return [...checks, ...tallies];
};

await runMain(async () => {
  requireNodeVersion();
  const args = process.argv.slice(2);
  await withSetupLock(setUp);
  if (args.includes('--setup-only')) return;
  const tallies = await runAll(args);
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  const failures = tallies.flatMap((tally) => tally.failures);
  console.log(failures.length === 0 ? '' : `\nfailed:\n${failures.map((line) => `  ${line}`).join('\n')}\n`);
  console.log(`${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length === 0 ? 0 : 1;
});
