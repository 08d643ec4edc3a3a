import { setImmediate as nextTurn } from 'node:timers/promises';
import { createSystemClock } from '../clock.js';
import { MarketError } from '../errors.js';
import type { Clock, Feed, FeedEvent, Instrument } from '../feed.js';
import { formatOfBatch, unknownFormat } from './discover-instruments.js';
import { createLineParser, isHeader, type LineParser, type RecordedLine } from './recording-formats.js';
import { type LineBatch, readLines } from './recording-lines.js';
import { shiftEvent } from './shift-event.js';

export interface ReplayFeedOptions {
  /** A recording, plain or gzipped; formats: see `RecordingFormat`. */
  readonly file: string;
  /** What to give out of it, known before the start; `discoverInstruments(file)` finds them. */
  readonly instruments: readonly Instrument[];
  /** Times real speed, or `max`: as fast as the consumer takes it. @default 1 */
  readonly speed?: number | 'max';
  /** @default the system's */
  readonly clock?: Clock;
  /**
   * Moves all times by one constant, so that the first line was received now. Without it times are as recorded.
   * @default false
   */
  readonly shiftToNow?: boolean;
  /** Most events in one array; between two the event loop turns. @default 1000 */
  readonly maxEvents?: number;
  /** Awaited before each array, so that a consumer with a full queue can hold the replay. Must settle. */
  readonly untilReady?: () => Promise<void>;
  /** A damaged line is counted, told here and passed over. */
  readonly onBadLine?: (badLine: BadLine) => void;
}

export interface BadLine {
  /** From 1, in the unpacked file. */
  readonly lineNumber: number;
  readonly reason: string;
}

export interface ReplayCounters {
  lines: number;
  badLines: number;
  /** Good lines that hold nothing for us: other streams, snapshots, other instruments. */
  ignoredLines: number;
  events: number;
}

/** A feed that plays a recording in the order of its lines, then says `end` once. */
export interface ReplayFeed extends Feed {
  readonly counters: Readonly<ReplayCounters>;
  /** Recorded receive time up to which everything was given out (shifted with the rest); 0 before the first line. */
  now(): number;
}

/**
 * The file is read a chunk at a time and only as events are given out. A line is due `(its receive time - the first's) /
 * speed` after the start; a replay that fell behind gives out what is due without waiting and drops nothing. If reading
 * fails halfway, instruments go `down` before the `end`.
 * @throws MarketError `bad-option`; from `start`: `unreadable-file`, `unknown-format`, `already-started`
 */
export const createReplayFeed = (options: ReplayFeedOptions): ReplayFeed => {
  const { file, instruments, speed = 1, clock = createSystemClock(), shiftToNow = false, maxEvents = 1000 } = options;
  const { untilReady, onBadLine } = options;
  if (speed !== 'max' && !(speed > 0 && Number.isFinite(speed)))
    throw new MarketError('bad-option', `speed must be a positive number or 'max', got ${speed}`);
  if (instruments.length === 0) throw new MarketError('bad-option', 'a replay needs at least one instrument');
  if (!(Number.isInteger(maxEvents) && maxEvents > 0))
    throw new MarketError('bad-option', `maxEvents must be a positive integer, got ${maxEvents}`);

  const counters: ReplayCounters = { lines: 0, badLines: 0, ignoredLines: 0, events: 0 };
  let origin: { rts: number; at: number } | undefined;
  let shiftMs = 0;
  let delivered = 0;
  /** Receive time of the next line, where it was read already. */
  let nextRts: number | undefined;
  let hasEnded = false;
  let isClosed = false;
  let wake: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let lastNow = 0;

  /** Recorded time the replay should have reached. */
  const due = (): number =>
    speed === 'max' || !origin ? Number.POSITIVE_INFINITY : origin.rts + (clock.now() - origin.at) * speed;

  const sleep = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      // Timers overflow after 24 days; whoever sleeps looks again at the clock anyway.
      const undo = clock.after(Math.min(delayMs, 3_600_000), resolve);
      wake = () => {
        undo();
        resolve();
      };
    });

  const parse = ({ firstNumber, lines }: LineBatch, parser: LineParser): RecordedLine[] => {
    const parsed: RecordedLine[] = [];
    lines.forEach((line, i) => {
      counters.lines += 1;
      if (line === '' || (line !== null && isHeader(line))) return;
      try {
        if (line === null) throw new MarketError('bad-line', 'line too long');
        const recorded = parser.parse(line);
        if (recorded.events.length === 0) counters.ignoredLines += 1;
        parsed.push(recorded);
      } catch (error) {
        if (!(error instanceof MarketError)) throw error;
        counters.badLines += 1;
        onBadLine?.({ lineNumber: firstNumber + i, reason: error.message });
      }
    });
    return parsed;
  };

  const begin = (rts: number): FeedEvent[] => {
    origin = { rts, at: clock.now() };
    if (shiftToNow) shiftMs = origin.at - rts;
    return instruments.map((instrument) => ({ kind: 'state', state: { ...instrument, state: 'live', rts } }));
  };

  const shifted = (events: readonly FeedEvent[]): readonly FeedEvent[] =>
    shiftMs === 0 ? events : events.map((event) => shiftEvent(event, shiftMs));

  const deliver = async (lines: readonly RecordedLine[], onEvents: (events: readonly FeedEvent[]) => void) => {
    let i = 0;
    while (i < lines.length && !isClosed) {
      const first = lines[i] as RecordedLine;
      nextRts = first.rts;
      const events = origin ? [] : begin(first.rts);
      const until = due();
      if (first.rts > until && events.length === 0) {
        await sleep(Math.max(1, Math.ceil((first.rts - until) / (speed as number))));
        continue;
      }
      for (let line = lines[i]; line && line.rts <= until && events.length < maxEvents; line = lines[++i]) {
        delivered = line.rts;
        events.push(...line.events);
      }
      nextRts = lines[i]?.rts;
      if (events.length === 0) continue;
      await untilReady?.();
      if (isClosed) return;
      counters.events += events.length;
      onEvents(shifted(events));
      await nextTurn();
    }
  };

  const pump = async (
    first: LineBatch,
    rest: AsyncGenerator<LineBatch, void>,
    parser: LineParser,
    onEvents: (events: readonly FeedEvent[]) => void,
  ) => {
    let batch: LineBatch | undefined = first;
    const last: FeedEvent[] = [];
    while (batch && !isClosed) {
      await deliver(parse(batch, parser), onEvents);
      if (isClosed) break;
      try {
        batch = (await rest.next()).value ?? undefined;
      } catch (error) {
        batch = undefined;
        const reason = error instanceof Error ? error.message : String(error);
        for (const instrument of instruments)
          last.push({ kind: 'state', state: { ...instrument, state: 'down', rts: delivered + shiftMs, reason } });
      }
    }
    await rest.return();
    if (isClosed) return;
    hasEnded = true;
    last.unshift(...shifted(parser.end?.() ?? []));
    counters.events += last.length + 1;
    onEvents([...last, { kind: 'end' }]);
  };

  return {
    instruments,
    counters,
    start: async (onEvents) => {
      if (running || isClosed) throw new MarketError('already-started', 'a replay feed starts once');
      const batches = readLines(file);
      let started = (): void => {};
      running = new Promise((resolve) => {
        started = resolve;
      });
      try {
        const first = (await batches.next()).value;
        const format = first && formatOfBatch(first);
        if (!first || !format) throw unknownFormat(file);
        running = pump(first, batches, createLineParser(format, instruments, first.lines), onEvents);
      } catch (error) {
        await batches.return();
        throw error;
      } finally {
        started();
      }
    },
    close: async () => {
      isClosed = true;
      wake?.();
      await running;
    },
    now: () => {
      if (!origin) return 0;
      const position = speed === 'max' ? delivered : hasEnded ? due() : Math.min(due(), nextRts ?? delivered);
      lastNow = Math.max(lastNow, position);
      return lastNow + shiftMs;
    },
  };
};
