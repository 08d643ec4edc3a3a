import { nothing, number } from './format.js';
import { figure, ratio, type Spread, select, spreadOf } from './query.js';
import type { FigureName, Run } from './run.js';

/** One figure by which servers are compared. */
interface Question {
  readonly what: string;
  readonly scenario: string;
  readonly figure: FigureName;
  readonly better: 'less' | 'more';
  readonly unit: string;
  /** Size of the unit that is shown, in units of the figure. @default 1 */
  readonly scale?: number;
  /** For a scenario with several of them. */
  readonly load?: string;
  readonly channels?: number;
  /** Each server's own value says more than a ratio. */
  readonly isShare?: boolean;
}

const questions: readonly Question[] = [
  {
    what: 'CPU a delivery, 1 tick a write',
    scenario: 'per-write',
    load: '1 tick a write',
    figure: 'cpuUsPerTick',
    better: 'less',
    unit: 'us',
  },
  {
    what: 'deliveries a second at most, 20 channels',
    scenario: 'capacity',
    load: 'as many ticks as it can take',
    figure: 'deliveredPerSecond',
    better: 'more',
    unit: '/s',
  },
  {
    what: 'CPU a delivery, own 5 of 20 channels',
    scenario: 'watchlists',
    load: 'own 5 of 20, 3 ticks a write',
    figure: 'cpuUsPerTick',
    better: 'less',
    unit: 'us',
  },
  {
    what: 'CPU a delivery, own 20 of 200 channels',
    scenario: 'watchlists',
    load: 'own 20 of 200, 3 ticks a write',
    figure: 'cpuUsPerTick',
    better: 'less',
    unit: 'us',
  },
  {
    what: 'p99 at 1 M deliveries/s, own 5 of 20 channels',
    scenario: 'watchlists',
    load: 'own 5 of 20, 1 M deliveries/s',
    figure: 'p99Ms',
    better: 'less',
    unit: 'ms',
  },
  {
    what: 'median latency of 1 client, 20 ticks/s',
    scenario: 'quiet',
    figure: 'p50Ms',
    better: 'less',
    unit: 'ms',
  },
  {
    what: 'many clients connect under broadcast',
    scenario: 'connect-storm',
    figure: 'connectMs',
    better: 'less',
    unit: 's',
    scale: 1_000,
  },
  {
    what: 'all come back, 500 missed each: CPU',
    scenario: 'recovery-storm',
    figure: 'recoveryCpuSeconds',
    better: 'less',
    unit: 's',
  },
  {
    what: 'all come back, 500 missed each: time',
    scenario: 'recovery-storm',
    figure: 'servedMs',
    better: 'less',
    unit: 's',
    scale: 1_000,
  },
  {
    what: 'memory of an idle client',
    scenario: 'idle-memory',
    channels: 1,
    figure: 'rssPerClientBytes',
    better: 'less',
    unit: 'KiB',
    scale: 1_024,
  },
  {
    what: 'delivered while connections break',
    scenario: 'drops',
    isShare: true,
    figure: 'deliveredShare',
    better: 'more',
    unit: '%',
    scale: 0.01,
  },
];

const product = 'tickwire';
/** Compared with the one that speaks its protocol, where that was measured. */
const ofCentrifugo = 'tickwire, Centrifuge';
const rivals = ['Centrifugo', 'Bun', 'Rust', 'C floor', 'naive ws', 'Socket.IO'];

export const notMeasured = 'not measured';
const fallsBehind = 'falls behind';

export interface Cell {
  readonly rival: string;
  /** How many times better the product is, within a round; undefined where there is no such figure. */
  readonly times: Spread | undefined;
  readonly text: string;
}

export interface BesideRow {
  readonly what: string;
  /** The product's own value. */
  readonly own: string;
  readonly cells: readonly Cell[];
}

/** The product compared with the others: above 1 it is better, whatever the figure. */
export const besideRows = (runs: readonly Run[]): readonly BesideRow[] =>
  questions.map((question) => {
    const { scenario, load, channels } = question;
    const of = (peer: string): readonly Run[] =>
      select(runs, {
        scenario,
        peer,
        ...(load !== undefined && { load }),
        ...(channels !== undefined && { channels }),
      });
    const ours = of(product);
    return {
      what: question.what,
      own: ownValue(question, ours),
      cells: rivals.map((rival) => {
        const alike = rival === 'Centrifugo' ? of(ofCentrifugo) : [];
        return cellOf(question, rival, alike.length > 0 ? alike : ours, of(rival));
      }),
    };
  });

/** Compares Tickwire with its rivals. Without `withAll` there are only rows of scenarios that were run. */
export const besideTable = (runs: readonly Run[], withAll = true): readonly (readonly string[])[] => [
  ['', 'Tickwire', ...rivals.map((rival) => `to ${rival}`)],
  ...besideRows(runs)
    .filter(({ own }) => withAll || own !== notMeasured)
    .map(({ what, own, cells }) => [what, own, ...cells.map(({ text }) => text)]),
];

const cellOf = (question: Question, rival: string, ours: readonly Run[], theirs: readonly Run[]): Cell => {
  if (theirs.length > 0 && question.isShare === true) {
    return { rival, times: undefined, text: ownValue(question, theirs) };
  }
  if (isBehind(question, theirs)) return { rival, times: undefined, text: fallsBehind };
  if (isBehind(question, ours)) return { rival, times: undefined, text: nothing };
  const found = ratio(ours, theirs, question.figure);
  const times = question.better === 'more' ? found : inverted(found);
  return { rival, times, text: times === undefined ? notMeasured : `${number(times.median)} x` };
};

/** A server that cannot keep up has no latency or time worth comparing; its highest rate can be compared. */
const isBehind = ({ figure: name }: Question, runs: readonly Run[]): boolean =>
  name !== 'deliveredPerSecond' && name !== 'deliveredShare' && runs.length > 0 && runs.every(lacksSomething);

const lacksSomething = ({ figures, clients }: Run): boolean =>
  (figures.missing ?? 0) > 0 || (figures.unserved ?? 0) > 0 || (figures.connected ?? clients) < clients;

/** A figure of nothing has no ratio. */
const inverted = (values: Spread | undefined): Spread | undefined =>
  values && values.min > 0 ? spreadOf([1 / values.min, 1 / values.median, 1 / values.max]) : undefined;

const ownValue = (question: Question, runs: readonly Run[]): string => {
  const { figure: name, unit, scale = 1 } = question;
  if (isBehind(question, runs)) return fallsBehind;
  const found = figure(runs, name);
  if (found === undefined) return notMeasured;
  const value = found.median / scale;
  return value === 0 ? nothing : `${number(value)}${unit.startsWith('/') ? unit : ` ${unit}`}`;
};
