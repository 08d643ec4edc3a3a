/** A difference of the clocks that was an exception counts half as much after this time. */
const halfLifeMs = 5_000;
/** A trade further behind the others than this was fetched afterwards: it tells nothing of the stream. */
const mostBehindMs = 60_000;

/**
 * Where the stream of an instrument stands in venue time while our own clock runs on. It learns the difference of the
 * clocks, which is the lag of the stream as well, from each trade: a larger lag at once, a smaller one gradually. A bar
 * that waits a little too long is right; one that closes too early is not. All times that it is given as ours come from
 * one clock that does not step; from where that counts is no matter.
 */
export interface StreamPosition {
  /** A trade with this venue time came at `nowMs`. Late trades and those out of order are to be told as well. */
  learn(ts: number, nowMs: number): void;
  /** The venue time that the stream has probably brought everything up to. */
  at(nowMs: number): number;
}

export const createStreamPosition = (): StreamPosition => {
  let newestTs = Number.NEGATIVE_INFINITY;
  /** Venue time minus ours, by the newest trade in order. */
  let newest = 0;
  /** The same of the trade that lagged most of late; approaches `newest`. */
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
    at: (nowMs) => nowMs + Math.floor(lowestNow(nowMs)),
  };
};
