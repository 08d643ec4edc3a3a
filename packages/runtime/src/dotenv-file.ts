import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { parse, populate } from 'dotenv';
import { ConfigError, type Environment } from './environment.js';

/** `NAME=value`, as a shell and as YAML would have it. */
const assignment = /^(export\s+)?[\w.-]+\s*(=|:\s)/;
/** A value in quotes may have several lines. */
const quoted = /=[ \t]*(["'`])(?:\\.|(?!\1)[^\\])*\1/gs;
/** A shell and docker compose keep what dotenv takes for the beginning of a comment. */
const cutShort = /=[ \t]*[^\s#"'`][^\s#]*#/;

/**
 * Adds the variables of a file to the environment, without replacing any. A file that is not there is none.
 * @throws ConfigError for one that is there and cannot be read: what nobody takes notice of is not set
 */
export const loadDotenvFile = (file: string, environment: Record<string, string | undefined>): void => {
  const text = readText(file);
  if (text === undefined) return;
  const problems = problemsOf(text);
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `${file} ${problem}`).join('\n'));
  populate(environment as Record<string, string>, parse(text) satisfies Environment);
};

const readText = (file: string): string | undefined => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new ConfigError(`${file} cannot be read: ${code}`, { cause: error });
  }
  if (isUtf8(bytes) && !bytes.includes(0)) return bytes.toString();
  throw new ConfigError(`${file} is not text in UTF-8: save it as such`);
};

/** Lines are named by their number: there may be a secret in them. */
const problemsOf = (text: string): readonly string[] =>
  text
    .replace(quoted, (value) => `=${'\n'.repeat(value.split('\n').length - 1)}`)
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
    .flatMap((line, index) => {
      if (line === '' || line.startsWith('#')) return [];
      if (!assignment.test(line)) return [`line ${index + 1} is not NAME=value`];
      return cutShort.test(line) ? [`line ${index + 1} has a # in its value: put the value in quotes`] : [];
    });
