import { expect, test } from '@jest/globals';
import { createManualClock } from './index.js';

test('the manual clock runs what falls due in order, each at its own time', () => {
  const clock = createManualClock(0);
  const ran: unknown[] = [];
  clock.after(20, () => ran.push(['b', clock.now()]));
  clock.after(10, () => {
    ran.push(['a', clock.now()]);
    clock.after(5, () => ran.push(['nested', clock.now()]));
  });
  const undo = clock.after(15, () => ran.push('undone'));
  undo();
  expect(clock.nextDue()).toBe(10);
  clock.advance(19);
  expect(ran).toEqual([
    ['a', 10],
    ['nested', 15],
  ]);
  expect([clock.now(), clock.pending()]).toEqual([19, 1]);
  clock.advanceTo(1);
  expect(clock.now()).toBe(19);
  clock.advance(1);
  expect(ran.at(-1)).toEqual(['b', 20]);
});

test('a step of the wall clock moves nothing else', () => {
  const clock = createManualClock(1_000);
  const before = clock.monotonic();
  let ran = 0;
  clock.after(10, () => {
    ran += 1;
  });
  clock.stepWall(-7_200_000);
  expect([clock.wall(), clock.now(), clock.monotonic() - before, ran]).toEqual([1_000 - 7_200_000, 1_000, 0, 0]);
  clock.advance(10);
  expect([clock.wall(), clock.monotonic() - before, ran]).toEqual([1_010 - 7_200_000, 10, 1]);
});
