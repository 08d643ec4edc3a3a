/** Rows by the heading of their table. */
export type CompatibilityTables = ReadonlyMap<string, readonly (readonly string[])[]>;

const introduction = `# Clients that work with Tickwire unchanged

Written by the tests in \`tests/e2e/clients\`, which run each client as it is published, with nothing changed but the URL.
`;

const headers: Readonly<Record<number, readonly string[]>> = {
  3: ['protocol', 'what', 'answer'],
  4: ['client', 'version', 'what was checked', 'result'],
};

/** The same rows give the same text, in whatever order they come. */
export const compatibilityText = (tables: CompatibilityTables): string => {
  const sections = [...tables]
    // Longer tables come first.
    .sort(([a, [x]], [b, [y]]) => (y?.length ?? 0) - (x?.length ?? 0) || compare(a, b))
    .map(([name, rows]) => `## ${name}\n\n${table([...rows].sort((x, y) => compare(x.join(), y.join())))}`);
  return `${introduction}\n${sections.join('\n')}`;
};

export const readCompatibility = (text: string): CompatibilityTables => {
  const tables = new Map<string, readonly string[][]>();
  for (const section of text.split(/^## /m).slice(1)) {
    const [name = '', ...lines] = section.split('\n');
    const rows = lines.filter((line) => line.startsWith('|')).slice(2);
    tables.set(name.trim(), rows.map(cells));
  }
  return tables;
};

const cells = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const table = (rows: readonly (readonly string[])[]): string => {
  const columns = rows[0]?.length ?? 0;
  const all = [headers[columns] ?? [], ...rows];
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const [header = [], ...body] = all;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('');
};
