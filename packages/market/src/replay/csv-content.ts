import { splitCells } from './csv-cells.js';
import { type CsvLayout, canonical, timeOfRow } from './csv-layout.js';

/** Completes a layout by what the first rows show of columns whose names leave it open. */
export const layoutWithContent = (layout: CsvLayout, lines: readonly string[]): CsvLayout => {
  const rows = rowsOf(lines, layout);
  const { at, names } = layout;
  const cellsAt = (index: number | undefined): readonly string[] =>
    index === undefined ? [] : rows.map((cells) => cells[index] ?? '');
  const type = names.map(canonical).indexOf('type');
  const kinds = new Set(cellsAt(type).map((cell) => cell.toLowerCase()));
  const hasOnly = (words: readonly string[]): boolean =>
    kinds.size > 0 && [...kinds].every((kind) => words.includes(kind));
  const hasSide = at.side !== undefined || at.isBuyerMaker !== undefined;
  const hasNumberedSides = !hasSide && hasOnly(numbered);
  const isTypeSide = !hasSide && type >= 0 && (hasNumberedSides || hasOnly(sides));
  const symbol = at.symbol ?? (at.base === undefined ? instrumentColumn(layout, rows) : undefined);
  // A column `sell` says whether the taker sold, or at which price one can.
  const hasPrices = cellsAt(at.isBuyerMaker).some((cell) => !/^(?:true|false|t|f|0|1|nan|null|none|)$/i.test(cell));
  // Ids of two kinds in one table would meet: all rows are numbered then.
  const { id, isBuyerMaker, ...others } = at;
  const hasNumbers = cellsAt(id).every((cell) => /^\d{1,19}$/.test(cell));
  return {
    ...layout,
    at: {
      ...others,
      ...(id !== undefined && hasNumbers && { id }),
      ...(isBuyerMaker !== undefined && !hasPrices && { isBuyerMaker }),
      ...(isTypeSide && { side: type }),
      ...(symbol !== undefined && { symbol }),
    },
    hasNumberedSides,
    hasSignedSizes: !hasSide && !isTypeSide && cellsAt(at.size).some((cell) => /^-\d*\.?\d*[1-9]/.test(cell)),
  };
};

/** As in the column `type` of Gemini, Kraken and others. */
const sides = ['buy', 'sell', 'b', 's', 'bid', 'ask', 'a'];
/** As Bitstamp writes them: 0 is a buy. */
const numbered = ['0', '1'];

/** Columns that name an instrument in some tables, and something else in others. */
const mayNameInstruments = [
  ...['asset', 'coin', 'contract', 'crypto', 'currency', 'basecurrency', 'baseasset', 'base', 'token'],
  ...['name', 's', 'security', 'slug', 'code'],
];
/** Prices of one instrument differ by less within the first rows, prices of two by more. */
const [maxWithin, minAcross] = [1.2, 1.5];

/**
 * The column that separates several instruments, though its name does not say so: their rows alternate, and its name
 * is a usual one, or the prices show it. Without it their prices would be taken for those of one.
 */
const instrumentColumn = (layout: CsvLayout, rows: readonly (readonly string[])[]): number | undefined => {
  const known = new Set(Object.values(layout.at));
  const prices = rows.map((cells) => Number(cells[layout.at.price ?? layout.at.close ?? layout.at.bid ?? -1]));
  const found = layout.names.findIndex((name, column) => {
    if (known.has(column)) return false;
    const cells = rows.map((row) => row[column] ?? '');
    const distinct = new Set(cells);
    const changes = cells.filter((cell, i) => i > 0 && cell !== cells[i - 1]).length;
    if (distinct.size < 2 || changes <= distinct.size || distinct.size > rows.length / 2) return false;
    const isNamed = mayNameInstruments.includes(canonical(name)) && cells.every((cell) => /^[a-z]/i.test(cell));
    return isNamed || divides(cells, prices);
  });
  return found < 0 ? undefined : found;
};

const divides = (cells: readonly string[], prices: readonly number[]): boolean => {
  const spans = new Map<string, { low: number; high: number }>();
  for (const [i, cell] of cells.entries()) {
    const price = prices[i] as number;
    if (!(price > 0)) continue;
    const span = spans.get(cell);
    spans.set(cell, { low: Math.min(price, span?.low ?? price), high: Math.max(price, span?.high ?? price) });
  }
  const all = [...spans.values()];
  const across = Math.max(...all.map(({ high }) => high)) / Math.min(...all.map(({ low }) => low));
  return across >= minAcross && all.every(({ low, high }) => high <= low * maxWithin);
};

/** Columns that only changes of an order book have. A change may look like a trade, but nobody traded. */
const ofBookChanges = ['issnapshot', 'level', 'updatetype', 'firstupdateid', 'booklevel', 'numorders', 'ordercount'];
/** Columns of orders, as those of forced liquidations: their price is a limit. */
const ofOrders = ['orderstatus', 'timeinforce', 'stopprice', 'limitprice'];
const ofLengths = ['interval', 'timeframe', 'period', 'resolution', 'granularity'];

/** What a table holds, if its rows look like trades or bars and are not, or not those of one length. */
export const foreignContent = (layout: CsvLayout, lines: readonly string[]): string | undefined => {
  const { kind, names, at } = layout;
  const plain = names.map(canonical);
  const has = (columns: readonly string[]): boolean => columns.some((name) => plain.includes(name));
  const rows = rowsOf(lines, layout);
  if (kind === 'trade' && at.side !== undefined) {
    if (has(ofBookChanges)) return 'changes of an order book';
    if (has(ofOrders)) return 'orders';
    if (isBook(layout, rows)) return 'snapshots of an order book';
  }
  const lengths = new Set(rows.map((cells) => cells[plain.findIndex((name) => ofLengths.includes(name))]));
  return kind === 'bar' && lengths.size > 1 ? 'bars of several lengths' : undefined;
};

const rowsOf = (lines: readonly string[], layout: CsvLayout): readonly (readonly string[])[] =>
  lines
    .map((line) => splitCells(line, layout.delimiter))
    .filter((cells) => timeOfRow(layout, cells, layout.at.received === undefined ? 'time' : 'received') !== undefined);

/**
 * Most rows belong to moments with several prices on both sides, and each bid is below each ask. Takers buy at the
 * higher price, so that trades are never so.
 */
const isBook = ({ at }: CsvLayout, rows: readonly (readonly string[])[]): boolean => {
  const moments = new Map<string, { readonly bids: number[]; readonly asks: number[] }>();
  for (const cells of rows) {
    const [time = '', side = '', price = ''] = [
      cells[at.time ?? at.received ?? -1],
      cells[at.side ?? -1],
      cells[at.price ?? -1],
    ];
    const moment = moments.get(time) ?? { bids: [], asks: [] };
    moments.set(time, moment);
    (/^b/i.test(side) ? moment.bids : moment.asks).push(Number(price));
  }
  const deep = [...moments.values()].filter(({ bids, asks }) => new Set(bids).size > 1 && new Set(asks).size > 1);
  const inDeep = deep.reduce((sum, { bids, asks }) => sum + bids.length + asks.length, 0);
  return (
    deep.length > 1 && inDeep * 2 > rows.length && deep.every(({ bids, asks }) => Math.max(...bids) < Math.min(...asks))
  );
};
