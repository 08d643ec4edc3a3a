// Runs Jest in ESM mode with the arguments given. Node 20 needs a flag for that in an environment variable, which
// Windows and POSIX shells set differently.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { chosenParts, readTestParts } from './lib/test-parts.mjs';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const given = process.argv.slice(2);
// Jest takes every word after --selectProjects as the name of a project, even the path of a test, unless it comes last.
const isProject = given.map((word, at) => [word, given[at - 1]].includes('--selectProjects'));
const args = [...given.filter((_, at) => !isProject[at]), ...given.filter((_, at) => isProject[at])];

const { status } = spawnSync(process.execPath, ['--experimental-vm-modules', '--no-warnings', jest, ...args], {
  stdio: 'inherit',
  env: { ...process.env, ...readTestParts(), ...chosenParts() },
});
process.exit(status ?? 1);
