import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { root } from './repository.js';

// Scripts have no declarations: they run as they are.
const { testsWithRedis } = await import(join(root, 'scripts/lib/tests-with-redis.mjs'));

describe('the tests that start a Redis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tickwire-list-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A program in the place of Jest. */
  const program = (text: string): string => {
    const file = join(folder, `${text.length}.mjs`);
    writeFileSync(file, text);
    return file;
  };
  const deep = `/${'folder/'.repeat(60)}`;
  const files = Array.from({ length: 300 }, (_, i) => `${deep}tests/integration/case-${i}.test.ts`);
  const listing = program(`console.log('projects');\nconsole.log(${JSON.stringify(files.join('\n'))});`);

  it('are all found, however long their paths are', async () => {
    expect(await testsWithRedis([], listing)).toEqual(files);
  });

  it('are chosen by words; no file for a word is an error', async () => {
    expect(await testsWithRedis(['case-7.', 'case-299'], listing)).toEqual([files[7], files[299]]);
    await expect(testsWithRedis(['case-300'], listing)).rejects.toThrow('no such test with a Redis');
  });

  it('that cannot be listed are an error, with what was said', async () => {
    const failing = program(`console.log('/a.test.ts');\nconsole.error('no such file');\nprocess.exitCode = 1;`);
    await expect(testsWithRedis([], failing)).rejects.toThrow(/cannot be listed:[\s\S]*no such file/);
  });
});
