import { readFile, writeFile } from 'node:fs/promises';
import { markdownReport, type Report } from './report.js';

const begin = '<!-- results: written by npm run bench -- --summary -->';
const end = '<!-- end of results -->';

/** Puts the results between the two marks of a page. @throws Error when it has none. */
export const writeSummary = async (file: string, report: Report): Promise<void> => {
  const page = await readFile(file, 'utf8');
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`${file} has no place for results`);
  await writeFile(file, `${page.slice(0, from)}${begin}\n${markdownReport(report)}\n\n${page.slice(to)}`);
};
