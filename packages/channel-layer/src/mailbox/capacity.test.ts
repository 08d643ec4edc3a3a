import { describe, expect, test } from '@jest/globals';
import { createCapacityOf } from './capacity.js';

describe('capacity by channel', () => {
  test('[L8] 100 by default', () => {
    expect(createCapacityOf()('any')).toBe(100);
    expect(createCapacityOf({ capacity: 3 })('any')).toBe(3);
  });

  test('[L8] [L12 #4] the first pattern that matches wins', () => {
    const capacityOf = createCapacityOf({
      channelCapacity: [
        ['http.request', 200],
        ['http.response!*', 10],
        [/^websocket.send!.+/, 20],
        ['http.*', 30],
        ['one', 1],
      ],
    });
    expect(capacityOf('http.request')).toBe(200);
    expect(capacityOf('http.response!abc')).toBe(10);
    expect(capacityOf('websocket.send!abc')).toBe(20);
    expect(capacityOf('websocket.send!')).toBe(100);
    expect(capacityOf('http.other')).toBe(30);
    expect(capacityOf('one')).toBe(1);
    expect(capacityOf('one.more')).toBe(100);
  });

  test('[L8] globs work as in fnmatch', () => {
    const matches = (glob: string, name: string): boolean =>
      createCapacityOf({ channelCapacity: [[glob, 7]] })(name) === 7;
    expect(matches('a?c', 'abc')).toBe(true);
    expect(matches('a?c', 'ac')).toBe(false);
    expect(matches('a.c', 'abc')).toBe(false);
    expect(matches('[ab]x', 'bx')).toBe(true);
    expect(matches('[!ab]x', 'bx')).toBe(false);
    expect(matches('[!ab]x', 'cx')).toBe(true);
    expect(matches('[a-c]x', 'bx')).toBe(true);
    expect(matches('[a', '[a')).toBe(true);
    expect(matches('*', '')).toBe(true);
    expect(matches('b*', 'ab')).toBe(false);
  });

  test('[L8] a RegExp matches from the start, as re.match does, each time', () => {
    const capacityOf = createCapacityOf({ channelCapacity: [[/b/g, 7]] });
    expect(capacityOf('ab')).toBe(100);
    expect([capacityOf('ba'), capacityOf('ba'), capacityOf('ba')]).toEqual([7, 7, 7]);
  });

  test('[L8] a capacity that is not a positive integer is rejected', () => {
    for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => createCapacityOf({ capacity })).toThrow(RangeError);
      expect(() => createCapacityOf({ channelCapacity: [['a', capacity]] })).toThrow(RangeError);
    }
  });
});
