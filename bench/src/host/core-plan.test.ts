import { describe, expect, test } from '@jest/globals';
import { planFor } from './core-plan.js';

describe('planFor', () => {
  test.each([
    [[0, 1], { server: [0], pair: [0, 1], load: [1], backstage: [1] }],
    [[0, 1, 2], { server: [0], pair: [0, 2], load: [1], backstage: [2] }],
    [[0, 1, 2, 3], { server: [0], pair: [0, 2], load: [1], backstage: [3] }],
    [[4, 5, 6, 7, 8, 9], { server: [4], pair: [4, 8], load: [5, 6, 7], backstage: [9] }],
    [[0, 1, 2, 3, 4, 5, 6, 7], { server: [0], pair: [0, 6], load: [1, 2, 3, 4], backstage: [7] }],
  ])('[BN40] of %j gives the server one, and the generators those that are left', (cores, plan) => {
    expect(planFor(cores, true)).toEqual({ ...plan, isPinned: true });
  });

  test('[BN40] without pinning or a second core there is one generator, anywhere', () => {
    expect(planFor([0, 1], false)).toMatchObject({ server: [0, 1], load: [0], isPinned: false });
    expect(planFor([3], true)).toMatchObject({ server: [3], load: [3], isPinned: false });
  });
});
