// `npm test`: sets up whatever is missing, then checks types and style, builds, and proves every rule. Its last line is
// "N passed, N failed", where lint, types and the build count as one each. With --nightly (`npm run test:nightly`) the
// same tests search further, from a new seed, and all that start a Redis run once more as its limited users.
//
//   node scripts/test.mjs [--setup-only] [--nightly] [arguments for Jest, such as a path]

import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { runJestPhase, settledTally } from './lib/jest-phase.mjs';
import { withSetupLock } from './lib/lock.mjs';
import { root } from './lib/paths.mjs';
import { ensurePythonPeer } from './lib/python-peer.mjs';
import { run } from './lib/run.mjs';
import { runMain, SetupError } from './lib/setup-error.mjs';
import { allSteps, step } from './lib/setup-steps.mjs';
import { ensureSystemParts } from './lib/system-parts.mjs';
import { chosenParts, readTestParts, writeTestParts } from './lib/test-parts.mjs';
import { asRedisUsers, REDIS_PROJECTS, testsWithRedis } from './lib/tests-with-redis.mjs';

/** @typedef {import('./lib/jest-phase.mjs').Tally} Tally */

const MINUTE_MS = 60_000;

/** Most tests wait for servers and browsers, so that more run at a time than there are processors: three took 10 % less time than two. */
const workers = 3 * availableParallelism();
const PROJECTS = ['unit', 'slow', 'integration', 'e2e'];

/** @param {boolean} isNightly */
const setUp = async (isNightly) => {
  const chosen = chosenParts();
  const [system, python] = await allSteps([
    step('redis-server, browsers, HAProxy and Prometheus', () =>
      ensureSystemParts({ ...readTestParts(), ...chosen }, { isNightly }),
    ),
    step('Python with Channels', () => ensurePythonPeer(chosen)),
    step('npm dependencies', ensureDependencies),
  ]);
  const parts = { ...system, PEER_PYTHON: python };
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

const TYPES = ['-p', 'tsconfig.check.json', '--incremental', '--tsBuildInfoFile', '.cache/check.tsbuildinfo'];

/** More files than this that fail are no chance. */
const MAX_SECOND_LOOKS = 5;

/**
 * The commit set. A machine that is busy with something else can make a test fail that is right: when all ran and few
 * files failed, these run once more, alone. What passes then is named as unsteady, so that somebody mends it.
 * @param {readonly string[]} projects
 * @param {readonly string[]} jestArgs
 * @returns {Promise<Tally>}
 */
const runCommitSet = async (projects, jestArgs) => {
  const limitMs = 30 * MINUTE_MS;
  const first = await runJestPhase({ name: 'tests', projects, workers, limitMs }, [...jestArgs, '--passWithNoTests']);
  const files = first.failedFiles.map(({ file }) => file);
  if (jestArgs.length > 0 || files.length === 0 || files.length > MAX_SECOND_LOOKS) return first;
  const alone = { name: 'what failed, alone', projects, workers: 1, limitMs };
  const again = await runJestPhase(alone, ['--runTestsByPath', ...files]);
  const { tally, unsteady } = settledTally(first, again);
  if (unsteady.length > 0) {
    console.log(`\nunsteady (failed beside others, passed alone):\n${unsteady.map((line) => `  ${line}`).join('\n')}`);
  }
  return tally;
};

/**
 * @param {boolean} isNightly
 * @param {boolean} isBuilt
 * @param {readonly string[]} jestArgs
 * @returns {Promise<Tally[]>}
 */
const runTests = async (isNightly, isBuilt, jestArgs) => {
  // End-to-end tests run what the build made; the output of an earlier build would prove nothing.
  const projects = PROJECTS.filter((project) => isBuilt || project !== 'e2e');
  if (!isNightly) return [await runCommitSet(projects, jestArgs)];

  const args = [...jestArgs, '--passWithNoTests'];

  const seed = process.env['TICKWIRE_TEST_SEED'] ?? String(Date.now() % 1_000_000_000);
  console.log(`\nseed ${seed}: TICKWIRE_TEST_SEED=${seed} npm run test:nightly repeats this run`);
  const env = { TICKWIRE_TEST_DEPTH: 'nightly', TICKWIRE_TEST_SEED: seed };
  // Storms and measurements want the processors for themselves.
  const limits = { workers: availableParallelism(), limitMs: 180 * MINUTE_MS };
  const searched = await runJestPhase({ name: 'nightly tests', projects, env, ...limits }, args);
  if (!isBuilt) return [searched];
  const files = jestArgs.length > 0 ? [] : ['--runTestsByPath', ...(await testsWithRedis([]))];
  const asUsers = { name: 'tests as the users of Redis', projects: REDIS_PROJECTS, env: asRedisUsers, ...limits };
  return [searched, await runJestPhase(asUsers, [...args, ...files])];
};

await runMain(async () => {
  const args = process.argv.slice(2);
  const isNightly = args.includes('--nightly');
  const jestArgs = args.filter((arg) => arg !== '--nightly');
  await withSetupLock(() => setUp(isNightly));
  if (args.includes('--setup-only')) return;
  const checks = await Promise.all([
    runTool('lint', '@biomejs/biome', 'bin/biome', ['check', '--error-on-warnings', '.']),
    runTool('types', '@typescript/native', 'bin/tsc', TYPES),
    runBuild(),
  ]);
  const isBuilt = checks.every(({ failures }) => !failures.includes('build'));
  const tallies = await runTests(isNightly, isBuilt, jestArgs);
  if (tallies.every(({ passed, failures }) => passed + failures.length === 0)) {
    tallies.push({ passed: 0, failures: ['no test ran'] });
  }
  const all = [...checks, ...tallies];
  const passed = all.reduce((sum, tally) => sum + tally.passed, 0);
  const failures = all.flatMap((tally) => tally.failures);
  console.log(failures.length === 0 ? '' : `\nfailed:\n${failures.map((line) => `  ${line}`).join('\n')}\n`);
  console.log(`${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length === 0 ? 0 : 1;
});
