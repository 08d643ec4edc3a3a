import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Clock, createSystemClock, createTimers } from '@tickwire/protocol';
import { MarketError } from '../errors.js';
import type { Feed, FeedEvent, Instrument } from '../feed.js';
import { createTimeCheck } from './file-time.js';
import { inspectRecording } from './inspect-recording.js';
import type { RecordedEvent, RecordedLine } from './recorded-line.js';
import {
  type BadLine,
  createRecordingReader,
  type RecordingCounters,
  type RecordingReader,
} from './recording-reader.js';

export interface ReplayFeedOptions {
  /** A recording, packed or not; see `RecordingFormat`. */
  readonly file: string;
  /** The instruments to replay; `discoverInstruments(file)` finds them. */
  readonly instruments: readonly Instrument[];
  /** Multiple of real speed, or `max`: as fast as the consumer accepts events. @default 1 */
  readonly speed?: number | 'max';
  /** @default the system's */
  readonly clock?: Clock;
  /**
   * Shifts all times by one constant, so that the first line was received now.
   * @default false
   */
  readonly shiftToNow?: boolean;
  /**
   * Most events in one array, which never spans two seconds of the recording: time moves with the events, however late
   * or fast the replay is. The event loop turns between two arrays. @default 1_000
   */
  readonly maxEvents?: number;
  /** Awaited before each array, so that a consumer with a full queue can pause the replay. Must settle. */
  readonly untilReady?: () => Promise<void>;
  /** Called for a bad line, which is counted and skipped. */
  readonly onBadLine?: (badLine: BadLine) => void;
}

export interface ReplayCounters extends RecordingCounters {
  events: number;
}

/** A feed that replays a recording from its oldest line to its newest, then emits `end` once. */
export interface ReplayFeed extends Feed {
  readonly counters: Readonly<ReplayCounters>;
  /** Whether the end of the file is missing. Known at the end. */
  readonly isCut: boolean;
  /** Recorded receive time, shifted too, up to which all events were emitted; 0 before the first line. */
  now(): number;
}

/**
 * The file is read in chunks, as events are emitted. A line is due `(its receive time - the first's) / speed` after the
 * start; a replay that fell behind emits due events without waiting, and drops none. At its end instruments go `stale`,
 * or `down` if reading failed halfway.
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

  let reader: RecordingReader | undefined;
  let events = 0;
  let origin: { rts: number; at: number } | undefined;
  let shiftMs = 0;
  let delivered = 0;
  /** Receive time of the next line, if it was read already. */
  let nextRts: number | undefined;
  let hasEnded = false;
  let isClosed = false;
  const timers = createTimers(clock);
  let running: Promise<void> | undefined;
  let lastNow = 0;

  /** Recorded time the replay should have reached. */
  const due = (): number =>
    speed === 'max' || !origin ? Number.POSITIVE_INFINITY : origin.rts + (clock.monotonic() - origin.at) * speed;

  const begin = (rts: number): FeedEvent[] => {
    origin = { rts, at: clock.monotonic() };
    if (shiftToNow) shiftMs = clock.wall() - rts;
    return instruments.map((instrument) => ({ kind: 'state', state: { ...instrument, state: 'live', rts } }));
  };

  const shifted = (all: readonly FeedEvent[]): readonly FeedEvent[] =>
    shiftMs === 0 ? all : all.map((event) => shiftEvent(event, shiftMs));

  const deliver = async (lines: readonly RecordedLine[], onEvents: OnEvents) => {
    let i = 0;
    while (i < lines.length && !isClosed) {
      const first = lines[i] as RecordedLine;
      nextRts = first.rts;
      const ready = origin ? [] : begin(first.rts);
      const until = due();
      if (first.rts > until && ready.length === 0) {
        await timers.pause(Math.max(1, Math.ceil((first.rts - until) / (speed as number))));
        continue;
      }
      const second = secondOf(first.rts);
      for (let line = lines[i]; line && line.rts <= until && ready.length < maxEvents; line = lines[++i]) {
        if (secondOf(line.rts) !== second) break;
        delivered = line.rts;
        for (const event of line.events) ready.push(toFeedEvent(event));
      }
      nextRts = lines[i]?.rts;
      if (ready.length === 0) continue;
      await untilReady?.();
      if (isClosed) return;
      events += ready.length;
      onEvents(shifted(ready));
      await nextTurn();
    }
  };

  const pump = async (read: AsyncGenerator<readonly RecordedLine[], void>, onEvents: OnEvents) => {
    let ending: Pick<StateEvent['state'], 'state' | 'reason'> = { state: 'stale', reason: 'the recording has ended' };
    try {
      for await (const lines of read) {
        await deliver(lines, onEvents);
        if (isClosed) return;
      }
    } catch (error) {
      if (!(error instanceof MarketError)) throw error;
      ending = { state: 'down', reason: error.message };
    }
    if (isClosed) return;
    hasEnded = true;
    const rts = delivered + shiftMs;
    const last: FeedEvent[] = instruments.map((each) => ({ kind: 'state', state: { ...each, ...ending, rts } }));
    events += last.length + 1;
    onEvents([...last, { kind: 'end' }]);
  };

  const open = async (): Promise<RecordingReader> => {
    const checkTime = createTimeCheck();
    const info = await inspectRecording(file, { symbols: instruments.map(({ symbol }) => symbol), checkTime });
    return createRecordingReader({ info, instruments, checkTime, ...(onBadLine && { onBadLine }) });
  };

  return {
    instruments,
    get isCut() {
      return reader?.isCut ?? false;
    },
    get counters() {
      return { ...(reader?.counters ?? nothingRead), events };
    },
    start: async (onEvents) => {
      if (running || isClosed) throw new MarketError('already-started', 'a replay feed starts once');
      const opening = open();
      running = opening.then(
        () => {},
        () => {},
      );
      reader = await opening;
      if (isClosed) return;
      running = pump(reader.read(), onEvents);
    },
    close: async () => {
      isClosed = true;
      timers.cancelAll();
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

const secondOf = (rts: number): number => Math.floor(rts / 1_000);

type OnEvents = (events: readonly FeedEvent[]) => void;
type StateEvent = Extract<FeedEvent, { kind: 'state' }>;

const nothingRead: RecordingCounters = {
  lines: 0,
  usedLines: 0,
  badLines: 0,
  badEntries: 0,
  olderLines: 0,
  ignoredLines: 0,
  ignored: {},
};

/** A price without a trade becomes the last price of the day's statistics, because it must not look like a trade. */
const toFeedEvent = (event: RecordedEvent): FeedEvent => {
  if (event.kind !== 'price') return event;
  const { venue, symbol, ts, rts, price } = event;
  return { kind: 'stats', stats: { venue, symbol, ts, rts, last: price } };
};

/** The same event, `byMs` later on both clocks. */
const shiftEvent = (event: FeedEvent, byMs: number): FeedEvent => {
  switch (event.kind) {
    case 'trade':
      return { kind: 'trade', trade: later(event.trade, byMs) };
    case 'quote':
      return { kind: 'quote', quote: later(event.quote, byMs) };
    case 'stats':
      return { kind: 'stats', stats: later(event.stats, byMs) };
    case 'gap':
      return { kind: 'gap', gap: { ...event.gap, rts: event.gap.rts + byMs } };
    case 'state':
      return { kind: 'state', state: { ...event.state, rts: event.state.rts + byMs } };
    case 'end':
      return event;
  }
};

const later = <T extends { readonly ts: number; readonly rts: number }>(message: T, byMs: number): T => ({
  ...message,
  ts: message.ts + byMs,
  rts: message.rts + byMs,
});
