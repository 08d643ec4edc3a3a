import { describe, expect, it } from '@jest/globals';
import { jsonErrorPosition } from './json-error-position.js';

describe('where a text stops being JSON', () => {
  it.each([
    ['', 1, 1],
    ['{', 1, 2],
    ['{"a":}', 1, 6],
    ['[1,]', 1, 4],
    ['{"a" 1}', 1, 6],
    ['{"a":1} x', 1, 9],
    ['{\n "a": tru}', 2, 7],
    ['"abc', 1, 1],
    ['{"a":01}', 1, 7],
    ['["\\x"]', 1, 2],
    ['{1:2}', 1, 2],
    ['{"a":1,}', 1, 8],
    ['[}', 1, 2],
    [']', 1, 1],
    ['\n\n  ]', 3, 3],
  ])('[G34] %j: line %d, column %d', (text, line, column) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(jsonErrorPosition(text)).toEqual({ line, column });
  });

  it('[G34] is never inside what JSON.parse takes', () => {
    const good = '{"a":[1,-2.5e+3,true,false,null,"x\\u00e9\\"",{}],"b":{"c":[]}, "d" : "é😀"}';
    for (let length = 0; length < good.length; length += 1) {
      const { line, column } = jsonErrorPosition(good.slice(0, length));
      expect(line).toBe(1);
      expect(column).toBeLessThanOrEqual(length + 1);
      // An open string or word is told at its beginning; all before it is good.
      expect(jsonErrorPosition(good.slice(0, column - 1)).column).toBe(column);
    }
  });
});
