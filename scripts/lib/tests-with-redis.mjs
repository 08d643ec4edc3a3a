import { join } from 'node:path';
import { root } from './paths.mjs';
import { run } from './run.mjs';
import { SetupError } from './setup-error.mjs';

/** Every test with a Redis imports this file, directly or through others. */
const door = 'tests/support/redis-server.ts';
export const REDIS_PROJECTS = ['integration', 'e2e'];

/** Gives every Redis of the tests the users of deploy/redis. */
export const asRedisUsers = { TICKWIRE_TEST_REDIS_USERS: '1', TICKWIRE_TEST_DEPTH: '' };

/**
 * The test files that start a Redis and have one of these words in their path; all of them without words.
 * @param {readonly string[]} words
 * @param {string} [jest] what lists them
 * @returns {Promise<string[]>}
 * @throws {SetupError} if there are none, or they cannot be listed
 */
export const testsWithRedis = async (words, jest = join(root, 'scripts', 'jest.mjs')) => {
  const projects = REDIS_PROJECTS.flatMap((name) => ['--selectProjects', name]);
  const args = [jest, '--listTests', '--findRelatedTests', door, ...projects];
  // All of it: a file that is cut off would be a file that never runs as these users.
  const listed = await run(process.execPath, args, { keptChars: Number.POSITIVE_INFINITY });
  if (!listed.ok) throw new SetupError(`the tests with a Redis cannot be listed:\n${listed.output.trim()}`);
  const files = listed.output
    .split('\n')
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
  if (files.length === 0) throw new SetupError('no such test with a Redis');
  return files;
};
