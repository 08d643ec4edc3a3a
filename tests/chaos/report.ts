import type { Loss, Silence, Violation, WorkerResult } from './messages.js';
import type { Fault } from './plan.js';
import type { TruthReport } from './truth.js';

/** A step of the plan as it went. */
export interface Happening {
  readonly faults: readonly Fault[];
  readonly beganMs: number;
  /** When the fault was lifted and what it ended ran again. */
  readonly liftedMs: number;
  /** When all clients heard something again. */
  readonly settledMs: number;
}

export interface FaultRow {
  readonly fault: string;
  times: number;
  longestSilenceMs: number;
  /** The same beyond what the fault itself lasted, where it does. */
  longestBeyondMs: number;
  /** Whose the latter was, and until when. */
  longestBeyond: string;
  silentLosses: number;
  duplicates: number;
  reorderings: number;
  otherViolations: number;
  explicitLosses: Record<string, number>;
}

export interface ChaosReport {
  readonly seed: string;
  readonly minutes: number;
  readonly clients: number;
  readonly rows: readonly FaultRow[];
  readonly totals: {
    readonly publications: number;
    readonly distinctPublications: number;
    readonly publicationsPerSecond: number;
    readonly connections: number;
    readonly clientsLeft: number;
    readonly skippedAndNotified: number;
    readonly staleNotices: number;
    readonly closes: Readonly<Record<string, number>>;
    readonly longestLagMs: number;
  };
  readonly violations: readonly Violation[];
  readonly truth: TruthReport;
  /** What was missed of the targets, in words; empty when the run passed. */
  readonly failures: readonly string[];
}

/** Milliseconds; beyond the length of the fault where that lasts by itself. */
const silenceLimits: Readonly<Record<string, { readonly ms: number; readonly isBeyond: boolean }>> = {
  'gateway-kill': { ms: 3_000, isBeyond: false },
  'gateway-term': { ms: 3_000, isBeyond: false },
  'rolling-restart': { ms: 3_000, isBeyond: false },
  'leader-kill': { ms: 5_000, isBeyond: false },
  'leader-term': { ms: 5_000, isBeyond: false },
  'redis-restart': { ms: 3_000, isBeyond: true },
};
/** For all others: a client that hears nothing for so long after the fault has been forgotten. */
const forgottenMs = 15_000;

const labelOf = ({ faults }: Happening): string => (faults.length > 1 ? 'two at once' : (faults[0]?.kind ?? 'nothing'));

export interface ReportInput {
  readonly seed: string;
  readonly clients: number;
  readonly beganMs: number;
  readonly endedMs: number;
  readonly happenings: readonly Happening[];
  readonly results: readonly WorkerResult[];
  readonly truth: TruthReport;
  /** Silences decide nothing. @default false */
  readonly isPatient?: boolean;
}

export const createReport = (input: ReportInput): ChaosReport => {
  const { happenings, results, truth } = input;
  const rows = new Map<string, FaultRow>();
  const rowOf = (label: string): FaultRow => {
    const row = rows.get(label) ?? emptyRow(label);
    rows.set(label, row);
    return row;
  };
  for (const happening of happenings) rowOf(labelOf(happening)).times += 1;

  for (const silence of results.flatMap(({ silences }) => silences)) {
    const cause = happenings.find(({ beganMs, settledMs }) => beganMs < silence.toMs && settledMs > silence.fromMs);
    const row = rowOf(cause === undefined ? 'no fault' : labelOf(cause));
    row.longestSilenceMs = Math.max(row.longestSilenceMs, silence.toMs - silence.fromMs);
    const beyondMs = beyond(silence, cause);
    if (beyondMs <= row.longestBeyondMs) continue;
    row.longestBeyondMs = beyondMs;
    row.longestBeyond = `${silence.client}, until ${new Date(silence.toMs).toISOString()}`;
  }
  const rowAt = (atMs: number): FaultRow => {
    const cause = happenings.findLast(({ beganMs }) => beganMs <= atMs);
    return rowOf(cause === undefined ? 'no fault' : labelOf(cause));
  };
  const violations = results.flatMap((result) => result.violations);
  for (const violation of violations) countViolation(rowAt(violation.atMs), violation);
  for (const loss of results.flatMap(({ losses }) => losses)) countLoss(rowAt(loss.atMs), loss);

  const sum = (pick: (result: WorkerResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  const closes: Record<string, number> = {};
  for (const [code, count] of results.flatMap((result) => Object.entries(result.closes))) {
    closes[code] = (closes[code] ?? 0) + count;
  }
  const lastedMs = input.endedMs - input.beganMs;
  const report = {
    seed: input.seed,
    minutes: Math.round(lastedMs / 6_000) / 10,
    clients: input.clients,
    rows: [...rows.values()].sort((a, b) => a.fault.localeCompare(b.fault)),
    totals: {
      publications: sum(({ publications }) => publications),
      distinctPublications: truth.seen,
      publicationsPerSecond: Math.round(truth.seen / (lastedMs / 1000)),
      connections: sum(({ opened }) => opened),
      clientsLeft: sum(({ left }) => left),
      skippedAndNotified: sum(({ skipped }) => skipped),
      staleNotices: sum(({ staleNotices }) => staleNotices),
      closes,
      longestLagMs: Math.max(0, ...results.map(({ longestLagMs }) => longestLagMs)),
    },
    violations,
    truth,
  };
  return { ...report, failures: failuresOf(report, input.isPatient ?? false) };
};

const emptyRow = (fault: string): FaultRow => ({
  fault,
  times: 0,
  longestSilenceMs: 0,
  longestBeyondMs: 0,
  longestBeyond: '',
  silentLosses: 0,
  duplicates: 0,
  reorderings: 0,
  otherViolations: 0,
  explicitLosses: {},
});

/** What of a silence lies outside the time in which the fault lasted. */
const beyond = ({ fromMs, toMs }: Silence, cause: Happening | undefined): number => {
  if (cause === undefined) return toMs - fromMs;
  const during = Math.min(toMs, cause.liftedMs) - Math.max(fromMs, cause.beganMs);
  return toMs - fromMs - Math.max(0, during);
};

const countViolation = (row: FaultRow, { kind, count }: Violation): void => {
  if (kind === 'silent loss') row.silentLosses += count;
  else if (kind === 'duplicate') row.duplicates += count;
  else if (kind === 'reordering') row.reorderings += count;
  else row.otherViolations += count;
};

const countLoss = (row: FaultRow, { cause, count }: Loss): void => {
  row.explicitLosses[cause] = (row.explicitLosses[cause] ?? 0) + count;
};

const failuresOf = (
  { rows, violations, truth, totals }: Omit<ChaosReport, 'failures'>,
  isPatient: boolean,
): string[] => {
  const failures: string[] = [];
  for (const { atMs, client, channel, kind, count, story } of violations) {
    failures.push(`${kind} (${count}) at ${new Date(atMs).toISOString()}, ${client}, ${channel}: ${story}`);
  }
  for (const row of rows) {
    const limit = silenceLimits[row.fault];
    const silenceMs = limit === undefined || limit.isBeyond ? row.longestBeyondMs : row.longestSilenceMs;
    const allowedMs = limit?.ms ?? forgottenMs;
    if (silenceMs > allowedMs && !isPatient) {
      failures.push(`${row.fault}: ${silenceMs} ms of silence, allowed are ${allowedMs} (${row.longestBeyond})`);
    }
    // None of these faults takes history away.
    for (const [cause, count] of Object.entries(row.explicitLosses)) {
      failures.push(`${row.fault}: ${count} publications reported as lost (${cause}) though history had them`);
    }
  }
  for (const line of truth.foreign) failures.push(`no producer sent ${line}`);
  for (const line of truth.contradictions) failures.push(`other clients got something else than ${line}`);
  if (truth.missingTrades > 0) failures.push(`${truth.missingTrades} trades were never published`);
  if (truth.repeatedTrades > 0) failures.push(`${truth.repeatedTrades} trades were published twice`);
  for (const code of Object.keys(totals.closes).map(Number)) {
    const isFinal = (code >= 3500 && code < 4000) || code >= 4500;
    if (isFinal) failures.push(`clients were told not to reconnect: ${code}`);
  }
  return failures.concat(truth.examples);
};
