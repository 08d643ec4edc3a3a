import { describe, expect, test } from '@jest/globals';
import { testSeed } from '../../../../tests/support/depth.js';
import { seededRandom } from '../../../../tests/support/exchanges/index.js';
import { parseKeepingNumbers } from './keep-numbers.js';

const numbers = [
  '0',
  '-0',
  '1',
  '-12',
  '0.10',
  '105944.20',
  '1e-7',
  '1.50E+3',
  '13834774380200032777',
  '1.2300000000000000000001',
];
const strings = ['', 'a', '1', '-1.5', '\\"', 'x\\\\', '{a:1}', '\\u0031', 'é€😀', '[2,3]', '2024-08-09T00:00:00Z'];
const seed = testSeed;

describe('JSON with its numbers kept', () => {
  test(`[M72] is what JSON.parse gives, but for the numbers, which are their text (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const space = (): string => pick(['', '', ' ', '\n\t']);
    /** The same value twice: as it is, and with its numbers quoted. */
    const value = (depth: number): readonly [string, string] => {
      const kind = random();
      if (depth === 0 || kind < 0.4) {
        const text = pick(numbers);
        return [text, `"${text}"`];
      }
      if (kind < 0.6) {
        const text = `"${pick(strings)}"`;
        return [text, text];
      }
      if (kind < 0.7) {
        const word = pick(['true', 'false', 'null']);
        return [word, word];
      }
      const members = Array.from(
        { length: Math.floor(random() * 4) },
        () => [pick(strings), value(depth - 1)] as const,
      );
      const isList = kind < 0.85;
      const join = (which: 0 | 1): string => {
        const parts = members.map(
          ([name, member]) => `${space()}${isList ? '' : `"${name}" : `}${member[which]}${space()}`,
        );
        return isList ? `[${parts.join(',')}]` : `{${parts.join(',')}}`;
      };
      return [join(0), join(1)];
    };
    for (let i = 0; i < 2_000; i += 1) {
      const [text, quoted] = value(4);
      expect(parseKeepingNumbers(text)).toEqual(JSON.parse(quoted));
    }
  });

  test.each([
    ...['', '-', '+1', '01', '1.', '.5', '1e', '1e+', '0x10', '--1', '1 2', '[1,]', '{"a":1', '"abc', '"a\\', 'NaN'],
    ...['Infinity', '-Infinity', '{1:2}x', "'a'", '[1}', '1"', '"1"2', '1a'],
  ])('[M72] refuses %j, as JSON.parse does', (text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(() => parseKeepingNumbers(text)).toThrow(SyntaxError);
  });

  test('[M73] takes time in proportion to the length, whatever the text', () => {
    const length = 300_000;
    for (const part of ['"', '\\', '"\\', '-', '[', '{"', '1-', '"1', '1e'])
      expect(() => parseKeepingNumbers(part.repeat(length / part.length))).toThrow(SyntaxError);
  });

  test('[M73] a prototype in a frame is a key like any other', () => {
    const parsed = parseKeepingNumbers('{"__proto__":{"polluted":1}}') as object;
    expect(Object.hasOwn(parsed, '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });
});
