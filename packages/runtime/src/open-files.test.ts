import { expect, test } from '@jest/globals';
import { readOpenFileLimit, tooFewOpenFiles } from './open-files.js';

test('[R70] fewer than 256 open files are too few; an unknown number is not', () => {
  expect(tooFewOpenFiles(64)).toBe('the system allows 64 open files (ulimit -n), but 256 are needed at least');
  expect([255, 256, undefined].map((limit) => tooFewOpenFiles(limit) === undefined)).toEqual([false, true, true]);
  expect(tooFewOpenFiles(readOpenFileLimit())).toBeUndefined();
});
