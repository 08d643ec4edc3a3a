/** Characters that separate cells. */
const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];

/** The most frequent delimiter of a line; undefined without any. */
export const delimiterOf = (line: string): Delimiter | undefined => {
  const counts = delimiters.map((delimiter) => line.split(delimiter).length - 1);
  const most = Math.max(...counts);
  return most === 0 ? undefined : delimiters[counts.indexOf(most)];
};

/** The trimmed cells of a line. A quoted cell may contain the delimiter, and a doubled quote stands for one. */
export const splitCells = (line: string, delimiter: Delimiter): string[] => {
  if (!line.includes('"')) return line.split(delimiter).map((cell) => cell.trim());
  const cells: string[] = [];
  let from = 0;
  while (from <= line.length) {
    const end = endOfCell(line, from, delimiter);
    const cell = line.slice(from, end).trim();
    cells.push(/^".*"$/.test(cell) ? cell.slice(1, -1).replaceAll('""', '"').trim() : cell);
    from = end + 1;
  }
  return cells;
};

const endOfCell = (line: string, from: number, delimiter: Delimiter): number => {
  let isQuoted = false;
  for (let at = from; at < line.length; at += 1) {
    if (line[at] === '"') isQuoted = !isQuoted;
    else if (line[at] === delimiter && !isQuoted) return at;
  }
  return line.length;
};
