import { nothing, number, spread } from './format.js';
import { figure, ratio } from './query.js';
import type { FigureName, Run } from './run.js';
import type { TargetResult } from './target.js';

interface Column {
  readonly head: string;
  readonly name: FigureName;
  /** Size of the column's unit, in units of the figure. */
  readonly unit?: number;
  readonly withSpread?: boolean;
  /** The column is left out if it is 0 in all rows. */
  readonly isRare?: boolean;
}

/** A column that no run of a table has is left out. */
const columns: readonly Column[] = [
  { head: 'offered/s', name: 'offeredPerSecond' },
  { head: 'delivered/s', name: 'deliveredPerSecond', withSpread: true },
  { head: 'writes/s', name: 'writesPerSecond' },
  { head: 'ticks/write', name: 'ticksPerWrite' },
  { head: 'us CPU/tick', name: 'cpuUsPerTick', withSpread: true },
  { head: 'us CPU/write', name: 'cpuUsPerWrite' },
  { head: 'items/s of a core', name: 'itemsPerCpuSecond', withSpread: true },
  { head: 'us CPU/item', name: 'usPerItem', withSpread: true },
  { head: 'core %', name: 'serverCpu', unit: 0.01 },
  { head: 'B/tick', name: 'bytesPerTick' },
  { head: 'p50 ms', name: 'p50Ms' },
  { head: 'p99 ms', name: 'p99Ms', withSpread: true },
  { head: 'p99.9 ms', name: 'p999Ms' },
  { head: 'p99 ms, first tenth', name: 'firstP99Ms' },
  { head: 'last tenth', name: 'lastP99Ms' },
  { head: 'all served, s', name: 'servedMs', unit: 1_000, withSpread: true },
  { head: 'not served', name: 'unserved' },
  { head: 's CPU of it', name: 'recoveryCpuSeconds', withSpread: true },
  { head: 's CPU of Redis', name: 'recoveryRedisCpuSeconds' },
  { head: 'delivered %', name: 'deliveredShare', unit: 0.01, withSpread: true },
  { head: 'doubled %', name: 'doubledShare', unit: 0.01 },
  { head: 'late %', name: 'lateShare', unit: 0.01 },
  { head: 'breaks', name: 'breaks' },
  { head: 'us CPU of Redis/message', name: 'redisUsPerMessage', withSpread: true },
  { head: 'of the busiest', name: 'busiestRedisUsPerMessage', withSpread: true },
  { head: 'of the publisher', name: 'publisherUsPerMessage' },
  { head: 'all in, s', name: 'connectMs', unit: 1_000, withSpread: true },
  { head: 's CPU of that', name: 'connectCpuSeconds' },
  { head: 'clients in', name: 'connected' },
  { head: 'KiB RSS/client', name: 'rssPerClientBytes', unit: 1_024, withSpread: true },
  { head: 'MiB RSS grown', name: 'rssGrowthBytes', unit: 1_048_576, withSpread: true },
  { head: 'gaps', name: 'gaps' },
  { head: 'order errors', name: 'orderErrors' },
  { head: 'told skipped', name: 'declaredSkips', isRare: true },
  { head: 'stale', name: 'stale', isRare: true },
  { head: 'missing', name: 'missing', isRare: true },
  { head: 'generator %', name: 'generatorCpu', unit: 0.01 },
  { head: 'Redis %', name: 'redisCpu', unit: 0.01 },
  { head: 'publisher %', name: 'publisherCpu', unit: 0.01 },
];

/** One line for each thing measured, rounds put together; ratios are to the product at the same load. */
export const runTable = (runs: readonly Run[]): readonly (readonly string[])[] => {
  const used = columns.filter(({ name, isRare = false }) =>
    runs.some(({ figures }) => (isRare ? (figures[name] ?? 0) > 0 : figures[name] !== undefined)),
  );
  const head = [
    'server',
    'clients',
    'channels',
    'load',
    ...used.map((column) => column.head),
    'cost',
    'yield',
    'notes',
  ];
  const groups = groupRuns(runs);
  const body = groups.map((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const rivals = groups.filter((other) => isSameLoad(other[0], first));
    const base = rivals.find(([run]) => run?.peer.startsWith('tickwire')) ?? rivals[0] ?? group;
    return [
      ...[first.peer, count(first.clients), count(first.channels), first.load],
      ...used.map((column) => cell(group, column)),
      beside(base, group, first.figures.usPerItem === undefined ? 'cpuUsPerTick' : 'usPerItem'),
      beside(base, group, first.figures.usPerItem === undefined ? 'deliveredPerSecond' : 'itemsPerCpuSecond'),
      [...new Set(group.flatMap(({ notes }) => notes))].join('; '),
    ];
  });
  return [head, ...body];
};

export const targetTable = (targets: readonly TargetResult[]): readonly (readonly string[])[] => [
  ['target', 'limit', 'measured', 'met'],
  ...targets.map(({ what, limit, measured, unit, isMet }) => [
    what,
    limit,
    measured === undefined ? 'not measured' : `${spread(measured)} ${unit}`.trimEnd(),
    isMet === undefined ? nothing : isMet ? 'yes' : 'NO',
  ]),
];

/** In the order of their first run, with the rows of one load together. */
const groupRuns = (runs: readonly Run[]): readonly (readonly Run[])[] => {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const key = [run.clients, run.channels, run.load, run.peer].join('\n');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  const loads = [...new Set([...groups.values()].map(([run]) => loadKey(run)))];
  return loads.flatMap((load) => [...groups.values()].filter(([run]) => loadKey(run) === load));
};

const loadKey = (run: Run | undefined): string => [run?.clients, run?.channels, run?.load].join('\n');
const isSameLoad = (a: Run | undefined, b: Run | undefined): boolean => loadKey(a) === loadKey(b);

const cell = (group: readonly Run[], { name, unit = 1, withSpread = false }: Column): string => {
  const values = figure(group, name);
  if (values === undefined) return nothing;
  const scaled = { min: values.min / unit, median: values.median / unit, max: values.max / unit };
  return withSpread ? spread(scaled) : number(scaled.median);
};

/** Computations have neither clients nor channels. */
const count = (value: number): string => (value === 0 ? nothing : number(value));

/** The product compared with this server at the same load: `cost` below 1 is cheaper, `yield` above 1 is more. */
const beside = (base: readonly Run[], group: readonly Run[], name: FigureName): string => {
  if (base === group) return '1';
  const found = ratio(base, group, name);
  return found === undefined ? nothing : number(found.median);
};
