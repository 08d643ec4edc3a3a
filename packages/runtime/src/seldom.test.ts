import { expect, it } from '@jest/globals';
import { createSeldom } from './seldom.js';

it('acts at once, then once in the time for each key, with how often it was asked', () => {
  let at = -50;
  const told: [string, number][] = [];
  const seldom = createSeldom({ everyMs: 100, now: () => at });
  for (; at < 200; at += 10) for (const key of ['a', 'b']) seldom(key, (times) => told.push([key, times]));
  expect(told).toEqual([
    ['a', 1],
    ['b', 1],
    ['a', 10],
    ['b', 10],
    ['a', 10],
    ['b', 10],
  ]);
});
