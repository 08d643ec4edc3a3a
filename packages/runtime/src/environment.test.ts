import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { decimalNumber, oneOf, parseEnvironment, wholeNumber, wordList } from './environment.js';

const schema = z.object({
  PORT: wholeNumber(0, 65_535, 8_000),
  RATE: decimalNumber(0.5, 10, 5),
  MODE: oneOf(['off', 'on']),
  WORDS: wordList((word) => /^[a-z]+$/.test(word), 'lower-case words').default(['one']),
  API_KEY: z.string().regex(/^k/, { error: 'something that begins with k' }).optional(),
});

describe('parseEnvironment', () => {
  it('[R1] gives defaults for what is not set, empty or unknown', () => {
    const defaults = { PORT: 8_000, RATE: 5, MODE: 'off', WORDS: ['one'] };
    expect(parseEnvironment(schema, {})).toEqual(defaults);
    expect(parseEnvironment(schema, { PORT: '', HOME: '/x', MODE: undefined })).toEqual(defaults);
  });

  it('[R1] reads what is set', () => {
    expect(parseEnvironment(schema, { PORT: '0', RATE: '0.5', MODE: 'on', WORDS: ' a, b ,,c' })).toEqual({
      PORT: 0,
      RATE: 0.5,
      MODE: 'on',
      WORDS: ['a', 'b', 'c'],
    });
  });

  it.each([
    ['PORT', '65536', 'PORT is "65536", but must be a whole number from 0 to 65535'],
    ['PORT', '1e3', 'PORT is "1e3", but must be a whole number from 0 to 65535'],
    ['PORT', 'a\nb', 'PORT is "a\\nb", but must be a whole number from 0 to 65535'],
    ['RATE', '0.4', 'RATE is "0.4", but must be a number from 0.5 to 10'],
    ['MODE', 'maybe', 'MODE is "maybe", but must be one of off, on'],
    ['WORDS', 'a,B', 'WORDS is "a,B", but must be lower-case words'],
  ])('[R1] refuses %s=%j in one line', (name, value, message) => {
    expect(() => parseEnvironment(schema, { [name]: value })).toThrow(message);
  });

  it('[R2] does not repeat a secret', () => {
    expect(() => parseEnvironment(schema, { API_KEY: 'secret' })).toThrow(
      /^API_KEY is the value given, but must be something that begins with k$/,
    );
  });
});
