import type { Bar } from '@tickwire/protocol';
import type { CandleSeries } from '../model/candle-series.js';
import type { Problem } from '../model/problem.js';
import type { LiveClient, Received } from './live-client.js';

export interface CandleFeedOptions {
  readonly client: Pick<LiveClient, 'follow' | 'readBack'>;
  readonly channel: string;
  readonly series: CandleSeries;
  /** How many candles there may be at most. */
  readonly maxCandles: number;
  readonly onChange: () => void;
  /** The server has answered; what it has follows in this turn. */
  readonly onStart: () => void;
  readonly onRefused: (problem: Problem, code: number) => void;
}

export interface CandleFeed {
  /** The viewer is close to the oldest candle: some more are read back, as far as history goes. */
  wantOlder(): void;
  end(): void;
}

/** What the subscription itself brings: more than a screen shows. What is older is read back when somebody looks there. */
export const firstBars = 300;
/** A bar has 300 to 450 bytes: a page stays below 60 kB, compressed or not. */
export const pageBars = 130;
/** Read back at a time when somebody comes to the oldest. */
const olderBars = 2 * pageBars;

/**
 * Fills a series with the bars of a channel: the newest at once, older ones page by page, then live. After a reconnect
 * it goes on where it was; where history could not bridge the gap, what there is gets read back up to the last candle
 * known.
 */
export const followCandles = (options: CandleFeedOptions): CandleFeed => {
  const { client, channel, series, maxCandles, onChange, onStart, onRefused } = options;
  let isEnded = false;
  /** Each start has a filling of its own; an older one gives way. */
  let generation = 0;
  let isFilling = false;
  let wanted = firstBars;
  let oldestSeq: number | undefined;

  const take = ({ message, seq }: Received<Bar>): void => {
    // An open bar has no place in history.
    if (seq > 0 && (oldestSeq === undefined || seq < oldestSeq)) oldestSeq = seq;
    series.add(message);
  };

  const fillBack = async (): Promise<void> => {
    const mine = generation;
    while (oldestSeq !== undefined && oldestSeq > 1) {
      if (series.candles.length >= wanted && series.missing().length === 0) return;
      const before = oldestSeq;
      const bars = await client.readBack<Bar>(channel, pageBars, before);
      if (isEnded || generation !== mine) return;
      for (const bar of bars) take(bar);
      if (bars.length > 0) onChange();
      // Nothing older is kept.
      if (bars.length === 0 || oldestSeq === before) return;
    }
  };

  const fill = (): void => {
    if (isEnded || isFilling) return;
    isFilling = true;
    const mine = generation;
    fillBack()
      // A history that cannot be read leaves a shorter chart, which the next start tries to make longer.
      .catch(() => {})
      .finally(() => {
        isFilling = false;
        if (generation !== mine) fill();
      });
  };

  const end = client.follow<Bar>(
    channel,
    {
      last: firstBars,
      onRefused,
      onStart: (start) => {
        onStart();
        if (start === 'recovered') return;
        oldestSeq = undefined;
        generation += 1;
        // Behind what the subscription begins with, which is handed out in this turn.
        queueMicrotask(fill);
      },
    },
    (received) => {
      take(received);
      onChange();
    },
  );

  return {
    wantOlder() {
      if (isFilling) return;
      wanted = Math.min(maxCandles, series.candles.length + olderBars);
      fill();
    },
    end() {
      isEnded = true;
      end();
    },
  };
};
