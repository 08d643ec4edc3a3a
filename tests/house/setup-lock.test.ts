import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { root } from './repository.js';

// Scripts have no declarations: they run as they are.
const { withSetupLock } = await import(join(root, 'scripts/lib/lock.mjs'));

describe('the lock of the set-up', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tickwire-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('[E200] one after the other, and nothing is left', async () => {
    const waiting = jest.spyOn(console, 'error').mockReturnValue();
    let running = 0;
    const task = async () => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return 'done';
    };
    expect(await Promise.all([withSetupLock(task, folder), withSetupLock(task, folder)])).toEqual(['done', 'done']);
    expect(await readdir(folder)).toEqual([]);
    expect(waiting.mock.calls).toEqual([[expect.stringMatching(/^Waiting for process \d+, .*delete .*setup\.lock/)]]);
    waiting.mockRestore();
  });

  it.each([
    ['of a process that ended', '999999999'],
    ['that a full disk left empty', ''],
    ['of something else', 'no number'],
  ])('[E200] a lock %s holds nobody up', async (_what, text) => {
    const file = join(folder, 'setup.lock');
    await writeFile(file, text);
    await utimes(file, 1, 1);
    expect(await withSetupLock(async () => 'done', folder)).toBe('done');
    expect(await readdir(folder)).toEqual([]);
  });

  it('[E200] a folder that cannot be written is one sentence', async () => {
    await writeFile(join(folder, 'file'), '');
    const dir = join(folder, 'file', 'cache');
    await expect(withSetupLock(async () => 'done', dir)).rejects.toMatchObject({
      name: 'CannotLock',
      message: `${dir} cannot be written (ENOTDIR), and this folder has yet to be set up: make room or run "npm run build" as a user who may write there`,
    });
  });
});
