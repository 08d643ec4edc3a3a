import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './environment.js';

const whole = (min: number, max: number) =>
  z
    .string()
    .trim()
    .refine((text) => /^-?\d+$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `a whole number from ${min} to ${max}`,
    })
    .transform(Number);

/** A whole number in [min, max]. */
export const wholeNumber = (min: number, max: number, fallback: number) => whole(min, max).default(fallback);

/** A whole number in [min, max]; undefined when not set. */
export const optionalNumber = (min: number, max: number) => whole(min, max).optional();

/** A port number; 0 takes a free port. */
export const port = (fallback: number) => wholeNumber(0, 65_535, fallback);
/** A port number; undefined when not set. */
export const optionalPort = () => optionalNumber(0, 65_535);

/** A number in [min, max]. */
export const decimalNumber = (min: number, max: number, fallback: number) =>
  z
    .string()
    .trim()
    .refine((text) => text !== '' && Number(text) >= min && Number(text) <= max, {
      error: `a number from ${min} to ${max}`,
    })
    .transform(Number)
    .default(fallback);

/** One of the words, in upper or lower case; the words themselves are lower-case. The first is the default. */
export const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z
    .string()
    .transform((text) => text.trim().toLowerCase())
    .pipe(z.enum(words, { error: `one of ${words.join(', ')}` }))
    .default(words[0] as never)
    .transform((word) => word as T[number]);

/** `on` or `off`; off when not set. */
export const onOff = () => oneOf(['off', 'on']).transform((word) => word === 'on');

/** Words separated by commas, at least one; spaces around them are ignored. */
export const wordList = (isWord: (word: string) => boolean, allowed: string) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== ''),
    )
    .refine((words) => words.length > 0 && words.every(isWord), { error: allowed });

/**
 * The operators' token as a variable. It travels in a header, which allows no other characters and no space at its
 * ends.
 */
export const operatorToken = z
  .string()
  .regex(/^[!-~][ -~]{14,}[!-~]$/, { error: 'at least 16 ASCII characters, without a space at the ends' });

/** Reads the file that a variable names. @throws ConfigError for a file that cannot be read or is not PEM. */
export const readPem = (variable: string, path: string): Buffer => {
  let pem: Buffer;
  try {
    pem = readFileSync(path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ConfigError(`${variable} is ${JSON.stringify(path)}, but that file cannot be read: ${reason}`);
  }
  if (pem.includes('-----BEGIN ')) return pem;
  throw new ConfigError(`${variable} is ${JSON.stringify(path)}, but that file is not PEM`);
};
