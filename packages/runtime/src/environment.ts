import { z } from 'zod';

/** A variable of the environment that cannot be used. The process ends with exit code 2 and this message, one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'BAD_CONFIG';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A whole number in [min, max]. */
export const wholeNumber = (min: number, max: number, fallback: number) =>
  z
    .string()
    .trim()
    .refine((text) => /^-?\d+$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `a whole number from ${min} to ${max}`,
    })
    .transform(Number)
    .default(fallback);

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

/** One of the words; the first is the default. */
export const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z
    .enum(words, { error: `one of ${words.join(', ')}` })
    .default(words[0] as never)
    .transform((word) => word as T[number]);

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

/** Secrets are not repeated in an error message. */
const secretName = /(_URL|KEY|KEYS|SECRET|TOKEN|PASSWORD)$/;

/**
 * The environment as an object of the schema's type. An empty value counts as not set.
 * @throws ConfigError naming the first bad variable, its value and what is allowed.
 */
export const parseEnvironment = <T extends z.ZodObject>(schema: T, environment: Environment): Readonly<z.infer<T>> => {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const issue = parsed.error.issues[0];
  const variable = String(issue?.path[0] ?? 'environment');
  const value = environment[variable];
  const shown = value === undefined ? 'not set' : secretName.test(variable) ? 'the value given' : JSON.stringify(value);
  throw new ConfigError(`${variable} is ${shown}, but must be ${issue?.message ?? 'something else'}`);
};
