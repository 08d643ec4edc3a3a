// `npm run test:acl`: all tests that start a Redis, each Redis with the users of deploy/redis. Further words choose
// test files by a part of their path. Needs one `npm test -- --setup-only` before.
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { withSetupLock } from './lib/lock.mjs';
import { root } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { runMain } from './lib/setup-error.mjs';
import { asRedisUsers, REDIS_PROJECTS, testsWithRedis } from './lib/tests-with-redis.mjs';

await runMain(async () => {
  await withSetupLock(async () => {
    await ensureDependencies();
    await ensureBuilt();
  });
  const files = await testsWithRedis(process.argv.slice(2));
  const projects = REDIS_PROJECTS.flatMap((name) => ['--selectProjects', name]);
  const jest = join(root, 'scripts', 'jest.mjs');
  const { ok } = await run(process.execPath, [jest, '--maxWorkers=2', '--runTestsByPath', ...files, ...projects], {
    show: true,
    env: asRedisUsers,
    timeoutMs: 60 * 60_000,
  });
  process.exitCode = ok ? 0 : 1;
});
