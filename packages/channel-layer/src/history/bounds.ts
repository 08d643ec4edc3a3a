import { InvalidHistoryRequest } from './errors.js';

/** How much of a group is kept, and for how long. The same for memory and Redis. */
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
export const boundsOf = (options: HistoryBounds): Required<HistoryBounds> => {
  const { historySize = 10_000, historyTtlMs = 3_600_000, positionTtlMs = 2_592_000_000 } = options;
  for (const [name, value] of Object.entries({ historySize, historyTtlMs, positionTtlMs })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new InvalidHistoryRequest(`${name} must be a positive integer, not ${value}`);
    }
  }
  return { historySize, historyTtlMs, positionTtlMs };
};
