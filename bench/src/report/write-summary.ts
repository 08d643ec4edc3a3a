import { readFile, writeFile } from 'node:fs/promises';
import { inRoot } from '../host/paths.js';
import { besideRows, besideTable } from './beside.js';
import { besideChart } from './chart.js';
import { markdownTable } from './format.js';
import { markdownReport, type Report } from './report.js';

const end = '<!-- end of results -->';
const beginOf = (what: string): string => `<!-- ${what}: written by npm run bench -- --summary -->`;

/** Puts a text between the two marks of a page. @throws Error when it has none. */
export const putBetweenMarks = (page: string, what: string, text: string): string => {
  const begin = beginOf(what);
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`the page has no place for ${what}`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
};

const renew = async (file: string, what: string, text: string): Promise<void> => {
  await writeFile(file, putBetweenMarks(await readFile(file, 'utf8'), what, text));
};

/** The conditions of a run in one line. */
const measuredOn = ({ host, rounds }: Report): string =>
  `Measured on commit ${host.commit} (${host.at.slice(0, 10)}, ${host.cores} cores of ${host.cpu}, Node ${host.versions['node'] ?? '?'}, loopback; ${host.pinning}), median of ${rounds} rounds.`;

/** Writes all tables, the raw results, the table of ratios on the page about performance, and its chart. */
export const writeSummary = async (report: Report): Promise<void> => {
  await renew(inRoot('bench/results/summary.md'), 'results', markdownReport(report).trimStart());
  await writeFile(inRoot('bench/results/summary.json'), `${JSON.stringify(report)}\n`);
  await writeFile(inRoot('bench/results/peers.svg'), besideChart(besideRows(report.runs)));
  const ratios = [measuredOn(report), '', markdownTable(besideTable(report.runs))].join('\n');
  await renew(inRoot('docs/performance.md'), 'ratios', ratios);
};
