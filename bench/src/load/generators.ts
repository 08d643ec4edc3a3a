import type { Children } from '../process/children.js';
import { startWorker, type WorkerOptions } from '../process/worker.js';
import type {
  ClientPlace,
  ConnectRequest,
  DropsRequest,
  LoadCommands,
  WindowPart,
  WindowRequest,
  WindowResult,
} from './commands.js';
import { type HistogramCounts, LatencyHistogram, type LatencySummary } from './latency-histogram.js';
import type { SequenceFaults } from './sequence-check.js';

/** The generators of a run behind one interface. */
export type Generators = LoadCommands<WindowResult>;

/** One process for each core. */
export const startGenerators = (
  children: Children,
  options: Omit<WorkerOptions, 'cores' | 'name' | 'module'>,
  cores: readonly number[] | undefined,
): { readonly ask: Generators; kill(): Promise<void> } => {
  const pins = cores === undefined || cores.length === 0 ? [undefined] : cores.map((core) => [core]);
  const workers = pins.map((pin) =>
    startWorker<LoadCommands>(children, { ...options, name: 'load generator', module: 'load/main.js', cores: pin }),
  );
  return {
    ask: askAll(workers.map(({ ask }) => ask)),
    async kill() {
      await Promise.all(workers.map((worker) => worker.kill()));
    },
  };
};

/** Divides the clients among the generators, and adds up their results. */
export const askAll = (generators: readonly LoadCommands[]): Generators => {
  const each = <T>(ask: (generator: LoadCommands, index: number) => Promise<T>): Promise<readonly T[]> =>
    Promise.all(generators.map(ask));
  return {
    async connect(request) {
      const parts = await each((generator, index) => generator.connect(shareOf(request, index, generators.length)));
      return {
        connected: sum(parts.map(({ connected }) => connected)),
        failed: sum(parts.map(({ failed }) => failed)),
        tookMs: Math.max(...parts.map(({ tookMs }) => tookMs)),
      };
    },
    async begin(request: WindowRequest) {
      await each((generator) => generator.begin(request));
    },
    end: async () => mergeWindows(await each((generator) => generator.end())),
    settle: async (published, limitMs) => sum(await each((generator) => generator.settle(published, limitMs))),
    async startDrops(request: DropsRequest) {
      await each((generator, index) => generator.startDrops({ ...request, seed: request.seed + index }));
    },
    async stopDrops(limitMs) {
      const parts = await each((generator) => generator.stopDrops(limitMs));
      return {
        breaks: sum(parts.map(({ breaks }) => breaks)),
        failed: sum(parts.map(({ failed }) => failed)),
        refusal: parts.find(({ refusal }) => refusal !== undefined)?.refusal,
        isComplete: parts.every(({ isComplete }) => isComplete),
      };
    },
    async leave() {
      await each((generator) => generator.leave());
    },
    async comeBack(request) {
      const parts = await each((generator) => generator.comeBack(request));
      return {
        served: sum(parts.map(({ served }) => served)),
        unserved: sum(parts.map(({ unserved }) => unserved)),
        tookMs: Math.max(...parts.map(({ tookMs }) => tookMs)),
        refusal: parts.find(({ refusal }) => refusal !== undefined)?.refusal,
      };
    },
    async close() {
      await each((generator) => generator.close());
    },
  };
};

/** Neighbouring clients go to the same generator. */
export const shareOf = (request: ConnectRequest, index: number, generators: number): ConnectRequest => {
  const cut = (at: number): number => Math.floor((request.clients * at) / generators);
  const from = cut(index);
  const to = cut(index + 1);
  const ofMine = <T>(values: readonly T[]): readonly T[] => (values.length === 1 ? values : values.slice(from, to));
  const place: ClientPlace = { first: request.place.first + from, all: request.place.all };
  return {
    ...request,
    clients: to - from,
    place,
    greetings: ofMine(request.greetings),
    followed: request.followed && ofMine(request.followed),
    inFlight: Math.max(1, Math.ceil(request.inFlight / generators)),
  };
};

/** Every generator measures server, Redis and cores alike: the figures of the first are used. */
export const mergeWindows = (parts: readonly WindowPart[]): WindowResult => {
  const [first] = parts;
  if (first === undefined) throw new Error('no generator, no window');
  const { latency, firstLatency, lastLatency, ...rest } = first;
  return {
    ...rest,
    ticks: sum(parts.map(({ ticks }) => ticks)),
    bytes: sum(parts.map(({ bytes }) => bytes)),
    frames: sum(parts.map(({ frames }) => frames)),
    reads: sum(parts.map(({ reads }) => reads)),
    others: sum(parts.map(({ others }) => others)),
    closed: sum(parts.map(({ closed }) => closed)),
    unrecovered: sum(parts.map(({ unrecovered }) => unrecovered)),
    latencyMs: summaryOf(parts.map((part) => part.latency)),
    firstLatencyMs: summaryOf(parts.map((part) => part.firstLatency)),
    lastLatencyMs: summaryOf(parts.map((part) => part.lastLatency)),
    faults: sumOfFaults(parts.map(({ faults }) => faults)),
    generatorCpu: Math.max(...parts.map(({ generatorCpu }) => generatorCpu)),
  };
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const sumOfFaults = (all: readonly SequenceFaults[]): SequenceFaults => ({
  gaps: sum(all.map(({ gaps }) => gaps)),
  duplicates: sum(all.map(({ duplicates }) => duplicates)),
  outOfOrder: sum(all.map(({ outOfOrder }) => outOfOrder)),
  declaredSkips: sum(all.map(({ declaredSkips }) => declaredSkips)),
  stale: sum(all.map(({ stale }) => stale)),
});

const summaryOf = (counts: readonly HistogramCounts[]): LatencySummary => {
  const histogram = new LatencyHistogram();
  for (const part of counts) histogram.merge(part);
  return histogram.summary();
};
