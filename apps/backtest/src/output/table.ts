import type { Scores } from '@tickwire/forecast';
import type { GridUnit, HorizonResult } from '../walk.js';
import { toBasisPoints } from './json-rows.js';

const header = ['horizon', 'method', 'n', 'cov50', 'cov80', 'cov90', 'cov95', 'score', 'gain', 'DM t'];

/**
 * A table for people: for each horizon the methods to compare with, and ours; below, the values that only ours has. The
 * score is the mean interval score of the 90 % interval in basis points; lower is better.
 */
export const renderTable = (results: readonly HorizonResult[], grid: GridUnit): string => {
  const rows = results.flatMap(({ horizon, ours, others }) => [
    ...others.map(({ name, scores }, i) => methodRow(i === 0 ? `${horizon} ${grid.unit}` : '', name, scores)),
    methodRow('', 'tickwire', ours),
  ]);
  return [...layOut([header, ...rows]), '', ...results.flatMap((result) => notes(result, grid))].join('\n');
};

const methodRow = (horizon: string, name: string, { n, compared, levels, dm }: Scores): string[] => [
  horizon,
  name,
  (name === 'tickwire' ? n : compared).toLocaleString('en'),
  ...[50, 80, 90, 95].map((level) => share(levels[level as 50 | 80 | 90 | 95].coverage)),
  fixed(toBasisPoints(levels[90].intervalScore), 3),
  name === 'constant width' ? '' : signed(levels[90].gain, ' %'),
  name === 'constant width' ? '' : signed(dm, ''),
];

/** Aligns columns; numbers to the right. */
const layOut = (rows: readonly (readonly string[])[]): string[] => {
  const widths = header.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
};

const notes = ({ horizon, ours }: HorizonResult, grid: GridUnit): string[] => {
  const { n, warming, zeroMoveShare, unresolved, crps, levels, point } = ours;
  const name = `${horizon} ${grid.unit} ahead`;
  if (n === 0) return [`${name}: no outcome; the recording is too short`];
  const { band, rolling } = levels[90];
  const parts = [
    `90 % band of coverage ${share(band?.[0] ?? null)}-${share(band?.[1] ?? null)}`,
    ...(rolling === null ? [] : [`worst thousand ${share(rolling.lowest)}`]),
    `no move in ${share(zeroMoveShare)} of outcomes`,
    `CRPS ${fixed(toBasisPoints(crps), 3)} bp`,
    point.directions === 0
      ? 'direction: none foretold'
      : `direction right in ${share(point.hitRate)} of ${point.directions}, point skill ${signed((point.skill ?? 0) * 100, ' %')} (DM t ${fixed(point.dm, 1)})`,
    ...(unresolved > 0 ? [`${unresolved} unresolved`] : []),
    ...(warming ? ['WARMING UP'] : []),
  ];
  return [`${name}: ${parts.join('; ')}`];
};

const fixed = (value: number | null, digits: number): string => (value === null ? '-' : value.toFixed(digits));
const share = (value: number | null): string => fixed(value, 4);
const signed = (value: number | null, unit: string): string =>
  value === null ? '-' : `${value < 0 ? '' : '+'}${value.toFixed(2)}${unit}`;
