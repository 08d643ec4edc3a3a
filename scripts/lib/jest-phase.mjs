import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { run } from './run.mjs';

/** How long Jest may take to end once its results are written. Longer, and a test left something open. */
const EXIT_GRACE_MS = 20_000;

/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {readonly string[]} failures what failed, a line each
 */

/** @typedef {Tally & { failedFiles: readonly FailedFile[] }} JestTally */

/**
 * @typedef {object} FailedFile
 * @property {string} file relative to the root
 * @property {number} passed tests in it that passed
 * @property {readonly string[]} failures
 */

/**
 * @typedef {object} JestPhase
 * @property {string} name what its failures are called by
 * @property {readonly string[]} projects of jest.config.ts
 * @property {number} workers
 * @property {number} limitMs it is killed after this, with all it started
 * @property {Readonly<Record<string, string>>} [env] added to the environment
 */

/**
 * Jest's `--json` report as counts. A suite that did not load has no tests and counts as one failure.
 * @param {any} report
 * @returns {JestTally}
 */
export const tallyOf = (report) => {
  const failedFiles = [];
  let passed = 0;
  for (const suite of report.testResults) {
    const file = suite.name.slice(root.length + 1);
    const tests = suite.assertionResults;
    const failures = tests
      .filter((/** @type {any} */ { status }) => status !== 'passed')
      .map(
        (/** @type {any} */ { status, fullName }) =>
          `${file} › ${fullName}${status === 'failed' ? '' : ` (${status})`}`,
      );
    if (tests.length === 0 && suite.status === 'failed') failures.push(`${file} did not load`);
    const passedHere = tests.filter((/** @type {any} */ { status }) => status === 'passed').length;
    passed += passedHere;
    if (failures.length > 0) failedFiles.push({ file, passed: passedHere, failures });
  }
  return { passed, failures: failedFiles.flatMap(({ failures }) => failures), failedFiles };
};

/**
 * What stands once the files that failed have run again, alone: their tests count as they ended then.
 * @param {JestTally} first
 * @param {Tally} again
 * @returns {{ tally: Tally, unsteady: readonly string[] }} `unsteady`: failed beside others, passed alone
 */
export const settledTally = (first, again) => {
  const ofFiles = new Set(first.failedFiles.flatMap(({ failures }) => failures));
  const elsewhere = first.failedFiles.reduce((sum, { passed }) => sum - passed, first.passed);
  return {
    tally: {
      passed: elsewhere + again.passed,
      failures: [...first.failures.filter((line) => !ofFiles.has(line)), ...again.failures],
    },
    unsteady: [...ofFiles].filter((line) => !again.failures.includes(line)),
  };
};

/**
 * Runs some of Jest's projects at once. A skipped test is a failure, and so is a Jest that does not end.
 * @param {JestPhase} phase
 * @param {readonly string[]} jestArgs
 * @returns {Promise<JestTally>}
 */
export const runJestPhase = async ({ name, projects, workers, limitMs, env = {} }, jestArgs) => {
  console.log(`\n${name}`);
  const dir = mkdtempSync(join(tmpdir(), 'tickwire-jest-'));
  const reportFile = join(dir, 'report.json');
  const runningFile = join(dir, 'running');
  const jest = join(root, 'scripts', 'jest.mjs');
  // Before the others: a list takes every word up to the next option.
  const reporters = ['--reporters=default', `--reporters=${join(root, 'scripts', 'lib', 'jest-running.mjs')}`];
  const selected = projects.flatMap((project) => ['--selectProjects', project]);
  const args = [...selected, `--maxWorkers=${workers}`, '--json', '--outputFile', reportFile, '--ci'];
  let reportedAtMs = 0;
  let leftOpen = false;
  const { ok, timedOut } = await run(process.execPath, [jest, ...reporters, ...args, ...jestArgs], {
    env: { ...env, RUNNING_TESTS_FILE: runningFile },
    show: 'errors',
    timeoutMs: limitMs,
    watch: (stop) => {
      const timer = setInterval(() => {
        if (reportedAtMs === 0 && existsSync(reportFile)) reportedAtMs = Date.now();
        if (reportedAtMs === 0 || Date.now() - reportedAtMs < EXIT_GRACE_MS) return;
        leftOpen = true;
        stop();
      }, 500);
      return () => clearInterval(timer);
    },
  });
  const tally = existsSync(reportFile) ? tallyOf(JSON.parse(readFileSync(reportFile, 'utf8'))) : undefined;
  const running = existsSync(runningFile) ? readFileSync(runningFile, 'utf8') : '';
  rmSync(dir, { recursive: true, force: true });
  const { passed, failures, failedFiles } = tally ?? { passed: 0, failures: [], failedFiles: [] };
  if (timedOut) {
    const line = `${name} took over ${limitMs / 60_000} minutes and were killed in ${running || 'no test file'}`;
    return { passed, failures: [...failures, line], failedFiles };
  }
  if (leftOpen) {
    const line = `${name} left something open: Jest did not end by itself`;
    return { passed, failures: [...failures, line], failedFiles };
  }
  if (!ok && failures.length === 0) return { passed, failures: [`${name}: Jest failed, see above`], failedFiles };
  return { passed, failures, failedFiles };
};
