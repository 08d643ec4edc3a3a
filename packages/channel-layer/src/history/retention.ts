import { InvalidHistoryRequest } from '../errors.js';

/** How much of each group is kept, and for how long: the same for all groups, in memory and in Redis. */
export interface HistoryBounds {
  /** Newest messages kept of each group, exactly. @default 10_000 */
  readonly historySize?: number;
  /** A group's messages are dropped together when nothing was appended for this long. @default 3_600_000 (1 h) */
  readonly historyTtlMs?: number;
  /**
   * A group's position outlives its messages, so that a quiet channel keeps its epoch: its readers then know that they
   * missed nothing. @default 2_592_000_000 (30 d)
   */
  readonly positionTtlMs?: number;
}

/** Defaults filled in. @throws InvalidHistoryRequest for a bound that is not a positive integer. */
export const uniformBounds = (options: HistoryBounds): Required<HistoryBounds> => {
  const { historySize = 10_000, historyTtlMs = 3_600_000, positionTtlMs = 2_592_000_000 } = options;
  for (const [name, value] of Object.entries({ historySize, historyTtlMs, positionTtlMs })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new InvalidHistoryRequest(`${name} must be a positive integer, not ${value}`);
    }
  }
  return { historySize, historyTtlMs, positionTtlMs };
};

/** How much of one group is kept. */
export interface GroupBounds {
  /** Newest messages. */
  readonly entries: number;
  /** Memory in Redis: fewer messages are kept if they are larger than usual. */
  readonly bytes: number;
  /** Messages are dropped together when nothing was appended for this long. */
  readonly ttlMs: number;
}

export interface RetentionOptions {
  /** The wanted bounds of a group, with enough memory. */
  readonly boundsOf: (group: string) => GroupBounds;
  /**
   * Called with true when history is reduced because Redis is full, and with false when the planned history is kept
   * again.
   */
  readonly onReduced?: (isReduced: boolean) => void;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
}

/**
 * How much of each group is kept now. Prices matter more than history: when Redis is full, all groups keep less, and
 * grow back slowly.
 */
export interface Retention {
  /** The bounds of now, which may be lower than those wanted. */
  boundsOf(group: string): GroupBounds;
  /** Sets the planned share of the wanted history, because memory is limited. 1 is all of it. */
  plan(share: number): void;
  /** Keeps less from now on, because Redis is full. False if nothing more can be given up. */
  reduce(): boolean;
  /** The share of the wanted history that is kept now. */
  readonly share: number;
  /** How often history was reduced. */
  readonly reductions: number;
}

/** Share of history that is left after each step. */
const step = 0.75;
const smallest = 1 / 64;
const growth = 1.1;
const growMs = 60_000;

export const createRetention = (options: RetentionOptions): Retention => {
  const { boundsOf, onReduced = () => {}, now = () => performance.now() } = options;
  let planned = 1;
  /** The share of the plan that Redis has room for. */
  let room = 1;
  let changedAt = now();
  let reductions = 0;

  const grow = (): void => {
    if (room === 1) return;
    const steps = Math.floor((now() - changedAt) / growMs);
    if (steps === 0) return;
    changedAt += steps * growMs;
    room = Math.min(1, room * growth ** steps);
    if (room === 1) onReduced(false);
  };

  return {
    boundsOf(group) {
      grow();
      const { entries, bytes, ttlMs } = boundsOf(group);
      const share = planned * room;
      return { entries: Math.max(1, Math.floor(entries * share)), bytes: bytes * share, ttlMs };
    },
    plan(share) {
      planned = share;
    },
    reduce() {
      grow();
      if (room <= smallest) return false;
      const isFirst = room === 1;
      room *= step;
      changedAt = now();
      reductions += 1;
      if (isFirst) onReduced(true);
      return true;
    },
    get share() {
      grow();
      return planned * room;
    },
    get reductions() {
      return reductions;
    },
  };
};
