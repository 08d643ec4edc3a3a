import type { HostFacts } from '../host/host-facts.js';
import { besideTable } from './beside.js';
import { markdownTable, textTable } from './format.js';
import type { Omission, Run } from './run.js';
import { runTable, targetTable } from './tables.js';
import type { TargetResult } from './target.js';

/** The results of a run of the benchmark, as they are written as JSON. */
export interface Report {
  readonly host: HostFacts;
  /** The command line. */
  readonly command: string;
  readonly rounds: number;
  readonly windowSeconds: number;
  readonly scenarios: readonly { readonly name: string; readonly title: string }[];
  /** How each server was set up, by name. */
  readonly setUps: Readonly<Record<string, string>>;
  readonly targets: readonly TargetResult[];
  readonly runs: readonly Run[];
  readonly omissions: readonly Omission[];
}

const legend =
  'median (min–max) over the rounds; ratios are taken within a round. cost, yield: what the product (the first ' +
  'server where it is not there) is to this one at the same load in CPU per tick and in ticks delivered.';

export const textReport = (report: Report): string => render(report, textTable, (title) => `\n== ${title}`);

export const markdownReport = (report: Report): string => render(report, markdownTable, (title) => `\n### ${title}\n`);

type Table = (rows: readonly (readonly string[])[]) => string;

const render = (report: Report, table: Table, heading: (title: string) => string): string => {
  const parts = [heading('Conditions'), conditions(report)];
  const beside = besideTable(report.runs, false);
  if (beside.length > 1) parts.push(heading('Beside the others: how many times better Tickwire is'), table(beside));
  for (const { name, title } of report.scenarios) {
    const runs = report.runs.filter(({ scenario }) => scenario === name);
    if (runs.length > 0) parts.push(heading(title), table(runTable(runs)));
  }
  if (report.omissions.length > 0) {
    parts.push(heading('Left out'));
    parts.push(...report.omissions.map(({ scenario, what, why }) => `- ${scenario}: ${what}: ${why}`));
  }
  parts.push(heading('Targets'), table(targetTable(report.targets)));
  return parts.join('\n');
};

const conditions = ({ host, command, rounds, windowSeconds, setUps }: Report): string =>
  [
    `- ${host.at}, commit ${host.commit}, \`${command}\``,
    `- ${host.system}, ${host.cpu}, ${host.cores} cores, ${host.memoryGib} GiB; ${host.pinning}`,
    `- ${Object.entries(host.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}; ${host.maxClients} connections a process at most`,
    `- loopback, ticks of 120 bytes of JSON, ${rounds} rounds, windows of ${windowSeconds} s or what a scenario needs`,
    `- ${legend}`,
    ...Object.entries(setUps).map(([name, setUp]) => `- ${name}: ${setUp}`),
  ].join('\n');
