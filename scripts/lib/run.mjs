import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { root } from './paths.mjs';

const isWindows = process.platform === 'win32';
/** @type {NodeJS.Signals[]} Of a closed terminal too: what it started would install on, beside the next start. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * @typedef {object} RunResult
 * @property {boolean} ok whether it ended with exit code 0, in time
 * @property {boolean} timedOut
 * @property {string} output the last it printed, as much as is kept; empty when `show` was set
 */

/**
 * Runs a program to its end. Its whole process group ends with this process, so that nothing it started is left behind.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {boolean | "errors"} [options.show] prints its output as it comes, or only its stderr; collected otherwise. Default false
 * @param {number} [options.keptChars] how much of its output is kept. Default the last 20,000 characters
 * @param {number} [options.timeoutMs] it is killed after this. Default 10 minutes
 * @param {NodeJS.ProcessEnv} [options.env] added to this process's environment
 * @param {(stop: () => void) => () => void} [options.watch] called once it runs, with a way to kill it; returns its own undo
 * @returns {Promise<RunResult>}
 */
export const run = (command, args, { show = false, keptChars = 20_000, timeoutMs = 600_000, env = {}, watch } = {}) =>
  new Promise((resolve) => {
    /** @type {import('node:child_process').ChildProcess | undefined} */
    let child;
    let output = '';
    let timedOut = false;
    /** @param {NodeJS.Signals} signal */
    const kill = (signal) => {
      try {
        if (isWindows || child?.pid === undefined) child?.kill(signal);
        else process.kill(-child.pid, signal);
      } catch {
        // It ended by itself a moment ago.
      }
    };
    const onExit = () => kill('SIGKILL');
    /** @param {NodeJS.Signals} signal */
    const onSignal = (signal) => {
      kill(signal);
      process.exit(128 + constants.signals[signal]);
    };
    // Before it starts: a signal that came in between would end this process alone.
    process.on('exit', onExit);
    for (const signal of SIGNALS) process.on(signal, onSignal);
    child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', show === true ? 'inherit' : 'pipe', show === false ? 'pipe' : 'inherit'],
      detached: !isWindows,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (/** @type {Buffer} */ chunk) => {
        output = (output + chunk).slice(-keptChars);
      });
    }
    const timer = setTimeout(() => {
      timedOut = true;
      kill('SIGKILL');
    }, timeoutMs);
    const unwatch = watch?.(() => kill('SIGKILL'));
    /** @param {boolean} ok */
    const finish = (ok) => {
      clearTimeout(timer);
      unwatch?.();
      process.off('exit', onExit);
      for (const signal of SIGNALS) process.off(signal, onSignal);
      resolve({ ok, timedOut, output });
    };
    child.on('error', (error) => {
      output += error.message;
      finish(false);
    });
    child.on('close', (code) => finish(code === 0 && !timedOut));
  });

/**
 * Runs something that needs the network up to three times.
 * @param {() => Promise<RunResult>} attempt
 */
export const withRetries = async (attempt) => {
  let result = await attempt();
  for (let retry = 1; retry <= 2 && !result.ok; retry += 1) {
    await new Promise((resolve) => setTimeout(resolve, retry * 2_000));
    result = await attempt();
  }
  return result;
};

/**
 * The first of these programs found on PATH, as a full path.
 * @param {...string} names
 */
export const findOnPath = (...names) => {
  const suffixes = isWindows ? ['.exe', '.cmd', ''] : [''];
  for (const name of names) {
    for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
      for (const suffix of suffixes) {
        const file = join(dir, name + suffix);
        if (dir !== '' && existsSync(file)) return file;
      }
    }
  }
  return undefined;
};
