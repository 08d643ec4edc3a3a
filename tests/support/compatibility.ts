import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CompatibilityTables, compatibilityText, readCompatibility } from './compatibility-text.js';

/** One line of docs/protocols/compatibility.md. */
export interface Compatibility {
  /** Heading of its table: `Binance market streams`. */
  readonly protocol: string;
  readonly client: string;
  readonly version: string;
  /** What the run asks of it, as a phrase. */
  readonly checked: string;
}

/** The version of a program that the machine brings along, whichever it is. */
export const asInstalled = 'as installed';

const pinnedIn = (file: string, name: string, pattern: RegExp): string => {
  const [, version] = pattern.exec(readFileSync(new URL(file, import.meta.url), 'utf8')) ?? [];
  if (version === undefined) throw new Error(`${file} does not pin ${name}`);
  return version;
};

/** Returns the version of an npm client, which the tests' package.json pins. */
export const pinnedVersion = (name: string): string =>
  pinnedIn('../package.json', name, new RegExp(`"${name}": "([^"]+)"`));

/** Returns the version of a Python client, which the peer's requirements pin. */
export const pinnedPythonVersion = (name: string): string =>
  pinnedIn('../../scripts/python-peer.txt', name, new RegExp(`^${name}==(\\S+)$`, 'm'));

const file = fileURLToPath(new URL('../../docs/protocols/compatibility.md', import.meta.url));

/** Runs the proof and writes down how it went; rejects as it does. */
export const prove = async (compatibility: Compatibility, proof: () => Promise<void>): Promise<void> => {
  let result = 'fails';
  try {
    await proof();
    result = 'works';
  } finally {
    write(compatibility, result);
  }
};

/**
 * Writes down that a client cannot be run here, in one line that says why; what an earlier run has written of the same
 * version stays.
 */
export const proveElsewhere = (compatibility: Compatibility, reason: string): void => {
  process.stderr.write(`${compatibility.client} is not run: ${reason}\n`);
  const { protocol, client, version, checked } = compatibility;
  const isKnown = (readFile().get(protocol) ?? []).some(
    (row) => row[0] === client && row[1] === version && row[2] === checked,
  );
  if (!isKnown) write(compatibility, `not run: ${reason}`);
};

/** Writes down the answer to a client that asks for something that does not exist here. */
export const proveAnswer = async (
  protocol: string,
  what: string,
  answer: string,
  proof: () => Promise<void>,
): Promise<void> => {
  await proof();
  writeRow('What is not there, and what it is answered with', [protocol, what, answer]);
};

const write = ({ protocol, client, version, checked }: Compatibility, result: string): void =>
  writeRow(protocol, [client, version, checked, result]);

/** Tests that write run one after the other. The file changes only where a row does. */
const writeRow = (table: string, row: readonly string[]): void => {
  const tables = readFile();
  // The first cell names a client; in the table of what is not there the first two name the request.
  const keys = row.length === 3 ? 2 : 1;
  const others = (tables.get(table) ?? []).filter((other) => other.slice(0, keys).some((cell, i) => cell !== row[i]));
  const text = compatibilityText(new Map([...tables, [table, [...others, row]]]));
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
};

const readFile = (): CompatibilityTables => readCompatibility(existsSync(file) ? readFileSync(file, 'utf8') : '');
