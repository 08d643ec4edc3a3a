import { describe, expect, test } from '@jest/globals';
import { parseSoakOptions } from './options.js';

describe('parseSoakOptions', () => {
  test('has defaults for all', () => {
    expect(parseSoakOptions([])).toEqual({ minutes: 10, clients: 2_000, ticks: 100, leaves: 40 });
  });

  test('takes what is given', () => {
    const args = ['--minutes', '0.5', '--clients', '10', '--ticks', '5', '--leaves', '1', '--json', 'file'];
    expect(parseSoakOptions(args)).toEqual({ minutes: 0.5, clients: 10, ticks: 5, leaves: 1, json: 'file' });
  });

  test.each([
    ['--minutes', 'long'],
    ['--clients', '1.5'],
    ['--ticks', '0'],
    ['--leaves', 'Infinity'],
    ['--hours', '1'],
  ])('refuses %s %s', (...args) => {
    expect(() => parseSoakOptions(args)).toThrow(expect.objectContaining({ code: 'BAD_USAGE' }));
  });
});
