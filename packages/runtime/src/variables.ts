import { z } from 'zod';

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

/** A whole number in [min, max]; undefined without it. */
export const optionalNumber = (min: number, max: number) => whole(min, max).optional();

/** The number of a port; 0 takes a free one. */
export const port = (fallback: number) => wholeNumber(0, 65_535, fallback);
/** The same, undefined without it. */
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

/** One of the words, which are lower-case, however it is written; the first is the default. */
export const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z
    .string()
    .transform((text) => text.trim().toLowerCase())
    .pipe(z.enum(words, { error: `one of ${words.join(', ')}` }))
    .default(words[0] as never)
    .transform((word) => word as T[number]);

/** `on` or `off`; off without it. */
export const onOff = () => oneOf(['off', 'on']).transform((word) => word === 'on');

/** Words separated by commas; blanks around them do not count. */
export const wordList = (isWord: (word: string) => boolean, allowed: string) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== ''),
    )
    .refine((words) => words.every(isWord), { error: allowed });
