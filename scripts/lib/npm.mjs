import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findOnPath, run } from './run.mjs';

/** The command line that starts npm without a shell: npm.cmd cannot be spawned on Windows. */
const npmCommand = () => {
  const nodeDir = dirname(process.execPath);
  const cli = [
    // Set when npm runs us. Other package managers set it too, to themselves.
    process.env['npm_execpath'] ?? '',
    join(nodeDir, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(nodeDir, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ].find((file) => basename(file) === 'npm-cli.js' && existsSync(file));
  return cli === undefined ? [findOnPath('npm') ?? 'npm'] : [process.execPath, cli];
};

/**
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export const runNpm = (args, options) => {
  const [command = 'npm', ...before] = npmCommand();
  return run(command, [...before, ...args], options);
};
