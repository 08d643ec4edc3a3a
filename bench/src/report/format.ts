import type { Spread } from './query.js';

export const nothing = '–';

/** Three significant digits, thousands separated. */
export const number = (value: number | undefined): string => {
  if (value === undefined || Number.isNaN(value)) return nothing;
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
};

/** `median (min–max)`, or the value alone if there is one. */
export const spread = (values: Spread | undefined): string => {
  if (values === undefined) return nothing;
  const { min, median, max } = values;
  return min === max ? number(median) : `${number(median)} (${number(min)}–${number(max)})`;
};

/** Columns as wide as their content; the first aligned left, the others right. */
export const textTable = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
    )
    .join('\n');
};

export const markdownTable = (rows: readonly (readonly string[])[]): string => {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '--:'))), ...body.map(line)].join('\n');
};
