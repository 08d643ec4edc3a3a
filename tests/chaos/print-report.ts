import type { ChaosReport, FaultRow } from './report.js';

const maxFailures = 40;

/** The report as a table and what it says in words. */
export const printReport = (report: ChaosReport): string => {
  const { totals, truth, failures } = report;
  const closes = Object.entries(totals.closes).map(([code, count]) => `${code}: ${count}`);
  return [
    '',
    table(report.rows),
    '',
    `${report.minutes} minutes, ${report.clients} clients, seed ${report.seed}`,
    `${totals.distinctPublications} publications (${totals.publicationsPerSecond} a second), delivered and checked ${totals.publications} times`,
    `${totals.connections} connections, ${totals.clientsLeft} times a client left by itself; closed by us: ${closes.join(', ') || 'none'}`,
    `${totals.skippedAndNotified} skipped for slow clients and notified, ${totals.staleNotices} stale notices, the clients' own longest standstill ${totals.longestLagMs} ms`,
    `against the producers' logs: ${truth.seen} positions, ${truth.foreign.length} foreign, ${truth.contradictions.length} contradicted, ${truth.missingTrades} trades missing, ${truth.repeatedTrades} twice`,
    '',
    ...failures.slice(0, maxFailures).map((failure) => `FAILED ${failure}`),
    ...(failures.length > maxFailures ? [`… and ${failures.length - maxFailures} more`] : []),
    failures.length === 0 ? 'passed' : `failed: npm run chaos -- --seed ${report.seed} draws the same faults again`,
    '',
  ].join('\n');
};

const headings = [
  'fault',
  'times',
  'silence ms',
  'beyond it ms',
  'lost in silence',
  'twice',
  'out of order',
  'other',
  'told',
];

const table = (rows: readonly FaultRow[]): string => {
  const cells = rows.map((row) => [
    row.fault,
    String(row.times),
    String(row.longestSilenceMs),
    String(row.longestBeyondMs),
    String(row.silentLosses),
    String(row.duplicates),
    String(row.reorderings),
    String(row.otherViolations),
    Object.entries(row.explicitLosses)
      .map(([cause, count]) => `${cause}: ${count}`)
      .join(', ') || '0',
  ]);
  const lines = [headings, ...cells];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
};
