import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One line of docs/protocols/compatibility.md. */
export interface Compatibility {
  /** Heading of its table: `Binance market streams`. */
  readonly protocol: string;
  readonly client: string;
  readonly version: string;
  /** What the run asks of it, as a phrase. */
  readonly checked: string;
}

type Row = readonly [client: string, version: string, checked: string, result: string];

/** Of an npm client: the tests' package.json pins them. */
export const pinnedVersion = (name: string): string => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(manifest) as { readonly dependencies: Readonly<Record<string, string>> };
  const version = dependencies[name];
  if (version === undefined) throw new Error(`tests/package.json does not pin ${name}`);
  return version;
};

const file = fileURLToPath(new URL('../../docs/protocols/compatibility.md', import.meta.url));
const heading = '# Clients that work with Tickwire unchanged\n';
const introduction =
  'Written by the tests in `tests/e2e/clients`, which run each client as it is published, with nothing changed but the URL.\n';

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

/** Tests that write run one after the other. The file changes only where a result, a version or a check does. */
const write = ({ protocol, client, version, checked }: Compatibility, result: string): void => {
  const tables = existsSync(file) ? read(readFileSync(file, 'utf8')) : new Map<string, Row[]>();
  const others = (tables.get(protocol) ?? []).filter(([name]) => name !== client);
  const rows = [...others, [client, version, checked, result] as const];
  tables.set(
    protocol,
    rows.sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const sections = [...tables]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => `## ${name}\n\n${table(each)}`);
  const text = `${heading}\n${introduction}\n${sections.join('\n')}`;
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
};

const table = (rows: readonly Row[]): string => {
  const all = [['client', 'version', 'what was checked', 'result'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const [header = [], ...body] = all.map(line);
  return [header, line(widths.map((width) => '-'.repeat(width))), ...body].join('');
};

const read = (text: string): Map<string, Row[]> => {
  const tables = new Map<string, Row[]>();
  for (const section of text.split(/^## /m).slice(1)) {
    const [name = '', ...lines] = section.split('\n');
    const rows = lines
      .filter((line) => line.startsWith('|'))
      .slice(2)
      .map(
        (line) =>
          line
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim()) as unknown as Row,
      );
    tables.set(name.trim(), rows);
  }
  return tables;
};
