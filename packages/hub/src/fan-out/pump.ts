import type { HubObserver } from '../counters.js';
import type { Cohort, CohortMember } from './cohort.js';
import type { StreamLog } from './stream-log.js';

/**
 * Sessions visited in one turn of the event loop. libuv accepts only one or two connections per turn, so a long walk
 * would keep new clients waiting. With 16 writes, some 0.15 ms, a storm of connections costs half of what it does with
 * 64, and a delivery costs the same.
 */
export const visitsPerTurn = 16;

/** Written in one turn, after which it ends whatever is left: some 2 ms. */
const maxTurnBytes = 1_048_576;

/** So many visits cost as much as one that only puts a session into a queue. */
const cheapVisit = 1 / 64;

/** If no pass began for this long, the hub is at rest: a small pass may begin at once without delaying others. */
const restMs = 5;

export interface PumpOptions {
  /** Least time between the starts of two passes: trades latency for CPU. @default 0 */
  readonly minPassMs?: number;
  readonly now?: () => number;
  /** All that sessions were ever written. @default nothing: only visits are limited */
  readonly writtenBytes?: () => number;
  readonly observer?: Pick<HubObserver, 'passed'>;
}

/**
 * Writes to the sessions what they are owed, in passes. A pass visits every cohort of a marked log once, a few sessions
 * per turn of the event loop. A publication during a pass goes to the sessions not visited yet, and to the others in
 * the next pass. The more there is to do, the more goes into one write.
 */
export interface Pump {
  /** The log holds what the sessions of its cohorts have not received. */
  mark(log: StreamLog<Cohort>): void;
  wake(session: CohortMember): void;
  /** Writes everything that is waiting, at once. For shutdown and tests. */
  flush(): void;
  close(): void;
}

export const createPump = (options: PumpOptions = {}): Pump => {
  const { minPassMs = 0, now = () => performance.now(), writtenBytes = () => 0, observer } = options;
  let waiting: StreamLog<Cohort>[] = [];
  let passLogs: StreamLog<Cohort>[] = [];
  let pass: Cohort[] = [];
  let passAt = 0;
  /** The pass has begun with the cohort at `passAt`. */
  let isCohortBegun = false;
  let passStartedAt = Number.NEGATIVE_INFINITY;
  /** When the oldest waiting item arrived, and the oldest item that the pass writes. */
  let waitingSince = 0;
  let passSince = 0;
  let waking: CohortMember[] = [];
  let awake: CohortMember[] = [];
  let awakeAt = 0;
  /** Cohorts whose sessions left a pass: what all of them have is freed when they were written to. */
  const heavy = new Set<Cohort>();
  /** The next turn runs before the event loop goes on. */
  let isSoon = false;
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const isInPass = (): boolean => passAt < pass.length;
  const hasAwake = (): boolean => awakeAt < awake.length || waking.length > 0;

  const schedule = (): void => {
    if (immediate !== undefined || isSoon || isClosed) return;
    if (isInPass() || hasAwake()) {
      immediate = setImmediate(turn);
      return;
    }
    if (waiting.length === 0 || timer !== undefined) return;
    const delayMs = passStartedAt + minPassMs - now();
    if (delayMs <= 0) immediate = setImmediate(turn);
    else timer = setTimeout(turn, delayMs);
  };

  /** Nothing is under way, and few sessions are owed what the log holds. */
  const isAtRest = (log: StreamLog<Cohort>): boolean => {
    if (isInPass() || hasAwake() || immediate !== undefined || timer !== undefined) return false;
    if (now() - passStartedAt < Math.max(restMs, minPassMs)) return false;
    let sessions = 0;
    for (const cohort of log.cohorts) {
      sessions += cohort.sessions.length;
      if (sessions > visitsPerTurn) return false;
    }
    return true;
  };

  const turn = (): void => {
    isSoon = false;
    clearTimeout(timer);
    immediate = undefined;
    timer = undefined;
    if (!isInPass() && waiting.length > 0 && passStartedAt + minPassMs <= now() + 0.5) beginPass();
    // Each gets half of the turn while both have work: answers and broadcasts must not starve each other.
    const before = writtenBytes();
    const left = walkAwake(isInPass() ? visitsPerTurn / 2 : visitsPerTurn, before + maxTurnBytes);
    const written = writtenBytes();
    // Long writes took most of the turn: the pass, of short ones, may go as much further.
    const share = written - before < maxTurnBytes ? visitsPerTurn / 2 + left : visitsPerTurn * 4;
    walk(isInPass() ? share : 0, written + maxTurnBytes);
    schedule();
  };

  /** Returns the number of unused visits. */
  const walkAwake = (visits: number, endBytes: number): number => {
    let left = visits;
    while (left > 0 && hasAwake() && writtenBytes() < endBytes) {
      if (awakeAt >= awake.length) {
        awake = waking;
        waking = [];
        awakeAt = 0;
      }
      const session = awake[awakeAt];
      awakeAt += 1;
      if (session === undefined || session.isClosed) continue;
      left -= 1;
      session.isAwake = false;
      session.flush();
    }
    if (awakeAt >= awake.length && awakeAt > 0) {
      awake = [];
      awakeAt = 0;
    }
    if (!hasAwake() && heavy.size > 0) {
      for (const cohort of heavy) cohort.endPass();
      heavy.clear();
    }
    return left;
  };

  const beginPass = (): void => {
    passLogs = waiting;
    passAt = 0;
    isCohortBegun = false;
    waiting = [];
    for (const log of passLogs) {
      log.beginPass();
      for (const cohort of log.cohorts) {
        if (cohort.isInPass) continue;
        cohort.isInPass = true;
        pass.push(cohort);
      }
    }
    passStartedAt = now();
    passSince = waitingSince;
  };

  const walk = (visits: number, endBytes: number): void => {
    let left = visits;
    while (isInPass()) {
      const cohort = pass[passAt];
      if (cohort === undefined) break;
      // As late as possible, so that items that arrived since the mark are written with the rest.
      if (!isCohortBegun && !cohort.beginPass()) {
        passAt += 1;
        continue;
      }
      isCohortBegun = true;
      if (cohort.isHeavy) heavy.add(cohort);
      while (cohort.nextVisit < cohort.sessions.length) {
        if (left <= 0 || writtenBytes() >= endBytes) return;
        const session = cohort.sessions[cohort.nextVisit];
        cohort.nextVisit += 1;
        // Sessions that are owed much leave the pass: what other channels publish meanwhile does not wait for them.
        if (cohort.isHeavy && session !== undefined) wake(session);
        left -= session?.isAwake ? cheapVisit : 1;
        if (!session?.isAwake) session?.flush();
      }
      cohort.endPass();
      isCohortBegun = false;
      passAt += 1;
    }
    if (passLogs.length > 0) observer?.passed(passStartedAt - passSince, now() - passSince);
    for (const log of passLogs) log.endPass();
    passLogs = [];
    pass = [];
    passAt = 0;
  };

  const wake = (session: CohortMember): void => {
    if (session.isAwake || isClosed) return;
    session.isAwake = true;
    waking.push(session);
    schedule();
  };

  return {
    mark(log) {
      if (log.isMarked || isClosed) return;
      log.isMarked = true;
      if (waiting.length === 0) waitingSince = now();
      waiting.push(log);
      if (!isSoon && isAtRest(log)) {
        isSoon = true;
        process.nextTick(turn);
      }
      schedule();
    },
    wake,
    flush() {
      while (isInPass() || waiting.length > 0 || hasAwake()) {
        walkAwake(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
        if (!isInPass()) beginPass();
        walk(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
      }
    },
    close() {
      isClosed = true;
      clearImmediate(immediate);
      clearTimeout(timer);
      waiting = [];
      passLogs = [];
      pass = [];
      passAt = 0;
      waking = [];
      awake = [];
      awakeAt = 0;
      heavy.clear();
    },
  };
};
