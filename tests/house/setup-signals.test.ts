import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '../support/wait-for.js';
import { root } from './repository.js';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A script whose set-up takes a minute; the process that it waits for writes its id to a file. */
const slowSetUp = (file: string): string => `
  import { run } from ${JSON.stringify(join(root, 'scripts/lib/run.mjs'))};
  import { runMain } from ${JSON.stringify(join(root, 'scripts/lib/setup-error.mjs'))};
  await runMain(() => run('sh', ['-c', 'echo $$ > ${file}; exec sleep 60']));
`;

describe('a set-up that is ended', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tickwire-setup-'));
    file = join(folder, 'pid');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const untilItRuns = (): Promise<number> =>
    waitFor('the process that sets up', async () => Number(await readFile(file, 'utf8').catch(() => '')) || undefined);
  const node = ['--input-type=module', '-e'];

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('[E203] %s ends what it started, with exit code %d', async (signal, exitCode) => {
    const script: ChildProcess = spawn(process.execPath, [...node, slowSetUp(file)], { stdio: 'ignore' });
    const pid = await untilItRuns();
    script.kill(signal);
    expect(await once(script, 'exit')).toEqual([exitCode, null]);
    await waitFor('its end', () => !isAlive(pid));
  });

  it('[E203] so does the end of npm, which passes no signal on', async () => {
    const env = { ...process.env, npm_lifecycle_event: 'start' };
    const shell = spawn('sh', ['-c', '"$0" "$@"; true', process.execPath, ...node, slowSetUp(file)], {
      env,
      stdio: 'ignore',
    });
    const pid = await untilItRuns();
    shell.kill('SIGKILL');
    await waitFor('its end', () => !isAlive(pid));
  });
});
