import { number, textTable } from '../report/format.js';
import type { CrowdCounts } from './commands.js';
import type { GatewayFigure, GatewaySample } from './gateway-sample.js';
import type { SoakOptions } from './options.js';
import { type Trend, trendOf } from './trend.js';

export interface SoakFindings {
  readonly options: SoakOptions;
  /** Clients beside those of the options that never read; 0 where they cannot be had. */
  readonly silentClients: number;
  /** Before anybody came, while they were there, and after all had left. */
  readonly before: GatewaySample;
  readonly samples: readonly GatewaySample[];
  readonly after: GatewaySample;
  readonly clients: CrowdCounts;
  readonly published: number;
  /** Ticks that were published and had not come when all was over. */
  readonly missing: number;
}

export interface SoakReport extends SoakFindings {
  /** Over what came after the warm-up. */
  readonly warmUpMinutes: number;
  readonly heap: Trend;
  readonly external: Trend;
  readonly rss: Trend;
  /** In words; empty when the run passed. */
  readonly failures: readonly string[];
}

const kibibyte = 1_024;
const mebibyte = 1_048_576;
const maxWarmUpMinutes = 2;
const warmUpShare = 0.2;
/** Growth that a run without a leak may show as noise: a share of the level, and bytes beside it. */
const growthShare = 0.02;
const growthBytes = mebibyte;
/** Standard errors beyond which growth is no chance: buffers on their way are many or few when a sample is taken. */
const errorsOfChance = 3;
/** A run with less of it after the warm-up shows trends and does not judge them: caches and buffers still fill. */
const judgedMinutes = 1;
/** Connections that come and go by themselves: to Redis, and the one that asks. */
const spareDescriptors = 5;
const rowsShown = 20;

export const createSoakReport = (findings: SoakFindings): SoakReport => {
  const { samples } = findings;
  const warmUpMinutes = Math.min(maxWarmUpMinutes, warmUpShare * (samples.at(-1)?.minutes ?? 0));
  const warm = samples.filter(({ minutes }) => minutes >= warmUpMinutes);
  const trend = (figure: GatewayFigure): Trend =>
    trendOf(warm.map((sample) => ({ minutes: sample.minutes, value: sample[figure] })));
  const trends = { heap: trend('heapBytes'), external: trend('externalBytes'), rss: trend('rssBytes') };
  const judged = (warm.at(-1)?.minutes ?? 0) - (warm[0]?.minutes ?? 0) >= judgedMinutes;
  const judgedTrends = judged ? { heap: trends.heap, 'memory outside of it': trends.external } : {};
  return { ...findings, ...trends, warmUpMinutes, failures: failuresOf(findings, judgedTrends, warm.length) };
};

const failuresOf = (
  findings: SoakFindings,
  judgedTrends: Readonly<Record<string, Trend>>,
  samples: number,
): string[] => {
  const { before, after, clients, published, missing } = findings;
  const { gaps, duplicates, outOfOrder } = clients.faults;
  const failures: string[] = [];
  const none = (count: number, what: string): void => {
    if (count > 0) failures.push(`${count} ${what}`);
  };
  if (samples < 3) failures.push(`only ${samples} samples after the warm-up: no trend can be seen`);
  if (published === 0 || clients.ticks === 0) failures.push('nothing was published, or nothing came');
  for (const [what, { level, drift, error }] of Object.entries(judgedTrends)) {
    const limit = level * growthShare + growthBytes;
    if (drift > limit && drift > errorsOfChance * error)
      failures.push(`the ${what} grew by ${kib(drift)} KiB, more than ${kib(limit)}`);
  }
  if (after.fileDescriptors > before.fileDescriptors + spareDescriptors) {
    failures.push(`${after.fileDescriptors} file descriptors after all had left, ${before.fileDescriptors} before`);
  }
  for (const figure of ['connections', 'subscriptions', 'channels', 'outboxBytes'] as const) {
    if (after[figure] <= before[figure]) continue;
    failures.push(`${figure} is ${after[figure]} after all had left, and was ${before[figure]} before`);
  }
  none(gaps, 'ticks lost in silence');
  none(duplicates, 'ticks twice');
  none(outOfOrder, 'ticks after newer ones');
  none(missing, 'ticks that never came');
  none(clients.closed, 'clients sent away by the gateway');
  none(clients.failed, 'clients not let in');
  return failures;
};

export const printSoakReport = (report: SoakReport): string => {
  const { options, silentClients, before, samples, after, clients, warmUpMinutes, heap, external, rss, failures } =
    report;
  const { opened, faults } = clients;
  const step = Math.ceil(samples.length / rowsShown);
  const shown = samples.filter((_, index) => (samples.length - 1 - index) % step === 0);
  return [
    textTable([
      ['minutes', 'RSS MiB', 'heap MiB', 'external MiB', 'fds', 'handles', 'sessions', 'subscriptions', 'channels'],
      rowOf('before', before),
      ...shown.map((sample) => rowOf(sample.minutes.toFixed(1), sample)),
      rowOf('after', after),
    ]),
    '',
    `${options.clients} clients, ${silentClients} more that never read, ${options.ticks} ticks/s; after ${warmUpMinutes.toFixed(1)} minutes of warm-up, by least squares:`,
    `  heap after collection  ${slope(heap)}`,
    `  outside of the heap    ${slope(external)}`,
    `  RSS after collection   ${slope(rss)}`,
    `connections: ${number(opened.plain)} plain, ${number(opened.batch)} in batches, ${number(opened.centrifuge)} Centrifuge; ${number(clients.recovering)} came back with their positions; ${number(clients.leftPolitely)} left politely, ${number(clients.reset)} by a reset`,
    `ticks: ${number(clients.ticks)} came, ${faults.gaps} lost in silence, ${faults.duplicates} twice, ${faults.outOfOrder} out of order, ${report.missing} missing at the end, ${faults.declaredSkips} told as skipped`,
    failures.length === 0 ? 'passed' : `FAILED:\n${failures.map((line) => `  ${line}`).join('\n')}`,
  ].join('\n');
};

const rowOf = (name: string, sample: GatewaySample): string[] => [
  name,
  (sample.rssBytes / mebibyte).toFixed(1),
  (sample.heapBytes / mebibyte).toFixed(2),
  (sample.externalBytes / mebibyte).toFixed(2),
  ...[sample.fileDescriptors, sample.handles, sample.connections, sample.subscriptions, sample.channels].map(String),
];

const kib = (bytes: number): string => number(Math.round(bytes / kibibyte));

const slope = ({ perMinute, level, drift, error }: Trend): string =>
  `${kib(perMinute)} KiB/min, ${kib(drift)} ± ${kib(error)} KiB over the rest of the run, from ${(level / mebibyte).toFixed(1)} MiB`;
