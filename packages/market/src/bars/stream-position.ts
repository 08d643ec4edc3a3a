/** Half-life of an exceptional difference of the clocks. */
const halfLifeMs = 5_000;
/** A trade further behind the others than this was fetched afterwards, and says nothing about the stream. */
const mostBehindMs = 60_000;

/**
 * The venue time that the stream of an instrument has reached, while our own clock runs. It learns the difference of
 * the clocks, which includes the lag of the stream, from each trade: a larger lag at once, a smaller one gradually. A
 * bar that waits a little too long is right; one that closes too early is not. All our times come from one clock that
 * does not step, with any zero.
 */
export interface StreamPosition {
  /** A trade with this venue time arrived at `nowMs`. Must be called for late trades and those out of order too. */
  learn(ts: number, nowMs: number): void;
  /** Forgets everything: the venue's clock was set. */
  restart(): void;
  /** The venue time up to which the stream has probably delivered everything. */
  at(nowMs: number): number;
}

export const createStreamPosition = (): StreamPosition => {
  let newestTs = Number.NEGATIVE_INFINITY;
  /** Venue time minus ours, from the newest trade in order. */
  let newest = 0;
  /** The same from the recent trade with the largest lag; approaches `newest`. */
  let lowest = 0;
  let lowestAt = 0;

  const lowestNow = (nowMs: number): number =>
    newest + (lowest - newest) * 2 ** (-Math.max(0, nowMs - lowestAt) / halfLifeMs);

  return {
    learn: (ts, nowMs) => {
      const difference = ts - nowMs;
      const isFirst = newestTs === Number.NEGATIVE_INFINITY;
      if (ts >= newestTs) {
        newestTs = ts;
        newest = difference;
      }
      lowest = Math.min(isFirst ? difference : lowestNow(nowMs), Math.max(difference, newest - mostBehindMs));
      lowestAt = nowMs;
    },
    restart: () => {
      newestTs = Number.NEGATIVE_INFINITY;
    },
    at: (nowMs) => nowMs + Math.floor(lowestNow(nowMs)),
  };
};
