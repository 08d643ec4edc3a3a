// `npm run test:acl`: all tests that start a Redis, with the users of deploy/redis on each of them. Words after it choose
// test files by a part of their path. After one `npm test -- --setup-only`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { withSetupLock } from './lib/lock.mjs';
import { requireNodeVersion } from './lib/node-version.mjs';
import { root } from './lib/paths.mjs';
import { runMain, SetupError } from './lib/setup-error.mjs';

/** What every test with a Redis has imported, straight or not. */
const door = 'tests/support/redis-server.ts';
const projects = ['--selectProjects', 'integration', '--selectProjects', 'e2e'];

/**
 * @param {readonly string[]} args
 * @param {'inherit' | 'pipe'} stdout
 */
const jest = (args, stdout) =>
  spawnSync(process.execPath, [join(root, 'scripts', 'jest.mjs'), ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['inherit', stdout, 'inherit'],
    env: { ...process.env, TICKWIRE_TEST_REDIS_USERS: '1' },
  });

await runMain(async () => {
  requireNodeVersion();
  await withSetupLock(async () => {
    await ensureDependencies();
    await ensureBuilt();
  });
  const parts = process.argv.slice(2);
  const listed = jest(['--listTests', '--findRelatedTests', door, ...projects], 'pipe');
  const files = listed.stdout
    .split('\n')
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
  if (files.length === 0) throw new SetupError('no such test with a Redis');
  const { status } = jest(['--maxWorkers=2', '--runTestsByPath', ...files, ...projects], 'inherit');
  process.exitCode = status ?? 1;
});
