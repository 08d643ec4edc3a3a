import { changedLetters } from '@tickwire/protocol';
import { z } from 'zod';

/**
 * The environment has variables that cannot be used. The process ends with exit code 2 and this message, one line per
 * variable.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'BAD_CONFIG';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Error messages do not repeat the values of these variables. */
const secretName = /(_URL|KEY|KEYS|SECRET|TOKEN|PASSWORD)$/;

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Tail>>}`
  : Lowercase<Name>;

/** Values of variables by their names in camel case: `MAX_CHANNELS` becomes `maxChannels`. */
export type ConfigOf<Variables extends z.ZodRawShape> = {
  readonly [Name in keyof Variables & string as CamelCase<Name>]: z.infer<Variables[Name]>;
};

type Groups = Readonly<Record<string, z.ZodRawShape>>;

export interface ReadEnvironment<G extends Groups> {
  readonly values: { readonly [Name in keyof G]: ConfigOf<G[Name]> };
  /** A sentence on each variable whose name may be a typo, or whose value may be in another unit. */
  readonly hints: readonly string[];
}

/**
 * Reads groups of variables. An empty value counts as not set; variables that no group names are ignored. Spaces and line
 * ends around a value are not part of it, except around a secret.
 * @throws ConfigError with a line for each bad variable: its name, its value and what is allowed.
 */
export const readEnvironment = <G extends Groups>(groups: G, environment: Environment): ReadEnvironment<G> => {
  const given = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value = '']) => (value === '' ? [] : [[name, trimmed(name, value)]])),
  );
  const problems: string[] = [];
  const read = Object.entries(groups).map(([group, variables]) => {
    const parsed = z.object(variables).safeParse(given);
    problems.push(...(parsed.success ? blanksOf(variables, given) : problemsOf(parsed.error, given)));
    return [group, inCamelCase(parsed.data ?? {})] as const;
  });
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  const known = Object.values(groups).flatMap((variables) => Object.keys(variables));
  return {
    values: Object.fromEntries(read) as ReadEnvironment<G>['values'],
    hints: [
      ...hintsOf(
        Object.keys(given),
        known.filter((name) => !(name in given)),
        known,
      ),
      ...Object.values(groups).flatMap((variables) => hintsOfUnits(variables, given)),
      ...known.filter((name) => inQuotes.test(given[name] ?? '')).map(hintOfQuotes),
    ],
  };
};

/** A file that is written elsewhere ends its lines with more than a line feed; a blank value stays, to be rejected. */
const trimmed = (name: string, value: string): string => (secretName.test(name) ? value : value.trim() || value);

const blanksOf = (variables: z.ZodRawShape, given: Environment): readonly string[] =>
  Object.keys(variables)
    .filter((name) => given[name]?.trim() === '')
    .map((name) => `${name} is blank, but must be a value, or empty for none`);

/** A shell takes quotes away, and so does the reader of `.env`: `docker run --env-file` does not. */
const inQuotes = /^(["'`]).*\1$/s;
const hintOfQuotes = (name: string): string =>
  `${name} has quotes around its value, which are taken as part of it: leave them out`;

/** Where seconds are usual, less than this many milliseconds are more likely seconds. */
const fewMs = 100;

const hintsOfUnits = (variables: z.ZodRawShape, given: Environment): readonly string[] =>
  Object.entries(variables).flatMap(([name, schema]) => {
    const value = Number(given[name]);
    if (!name.endsWith('_MS') || !(value > 0 && value < fewMs)) return [];
    const { data: usual } = z.safeParse(schema, undefined);
    if (typeof usual !== 'number' || usual < 1_000) return [];
    return [`${name} is ${value} milliseconds, and ${usual} by default: ${value} seconds are ${value * 1_000}`];
  });

/** Makes each of several configurations. @throws ConfigError with all the errors of all of them, each once. */
export const readAll = <const T extends readonly unknown[]>(
  ...reads: { readonly [Index in keyof T]: () => T[Index] }
): T => {
  const problems = new Set<string>();
  const configs = reads.map((read) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const line of error.message.split('\n')) problems.add(line);
      return undefined;
    }
  });
  if (problems.size > 0) throw new ConfigError([...problems].join('\n'));
  return configs as unknown as T;
};

const inCamelCase = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );

/** One line per variable: its first error. */
const problemsOf = ({ issues }: z.ZodError, given: Environment): readonly string[] => {
  const byVariable = new Map<string, string>();
  for (const { path, message } of issues) {
    const variable = String(path[0]);
    if (!byVariable.has(variable)) byVariable.set(variable, message);
  }
  return [...byVariable].map(([variable, message]) => {
    const value = given[variable];
    const shown =
      value === undefined ? 'not set' : secretName.test(variable) ? 'the value given' : JSON.stringify(value);
    return `${variable} is ${shown}, but must be ${message}`;
  });
};

const hintsOf = (given: readonly string[], unset: readonly string[], known: readonly string[]): readonly string[] =>
  given
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = nearName(name, unset);
      return meant === undefined ? [] : [`${name} is not a known variable: did you mean ${meant}?`];
    });

/** In names up to this length one typo may make another word. */
const shortLength = 7;

/** Other programs put their name before each of their variables. */
const ownPrefix = /^TICKWIRE_/;

/** Variables of OpenSSL, which many machines set. */
const ofOthers: readonly string[] = ['SSL_CERT_FILE', 'SSL_CERT_DIR'];

/**
 * Returns the known name of which the given one may be a typo, as `REDIS_URI` of `REDIS_URL`; undefined if there is
 * none. Upper and lower case make no difference.
 */
export const nearName = (given: string, known: readonly string[]): string | undefined => {
  const name = given.toUpperCase().replace(ownPrefix, '');
  if (ofOthers.includes(name)) return undefined;
  return known.find((each) => changedLetters(name, each.toUpperCase()) <= (each.length <= shortLength ? 1 : 2));
};
