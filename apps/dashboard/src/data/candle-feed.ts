import type { Bar, Published } from '@tickwire/protocol';
import type { CandleSeries } from '../model/candle-series.js';
import type { Problem } from '../model/problem.js';
import type { LiveClient } from './live-client.js';
import { pageBars, type ReadOlderBars } from './older-bars.js';

export interface CandleFeedOptions {
  readonly client: Pick<LiveClient, 'follow'>;
  readonly readOlder: ReadOlderBars;
  readonly channel: string;
  readonly series: CandleSeries;
  /** The largest number of candles. */
  readonly maxCandles: number;
  readonly onChange: () => void;
  /** The server has answered; what it has follows in this turn. */
  readonly onStart: () => void;
  readonly onRefused: (problem: Problem, code: number) => void;
}

export interface CandleFeed {
  /** Older candles were requested and could not be read. */
  readonly isPastUnread: boolean;
  /** The viewer is close to the oldest candle: older ones are read, as far as history reaches. */
  wantOlder(): void;
  /** Reads again what could not be read. */
  retryOlder(): void;
  end(): void;
}

/**
 * Candles that the subscription begins with: more than a screen shows. Older ones are read when the viewer scrolls
 * there.
 */
export const firstBars = 300;
/** Candles of one read, when the viewer reaches the oldest. */
const olderBars = 2 * pageBars;

/**
 * Fills a series with the bars of a channel: the newest at once, older ones page by page, then live. After a reconnect
 * it continues where it was. If history has a gap there, it reads what there is, back to the last known candle.
 */
export const followCandles = (options: CandleFeedOptions): CandleFeed => {
  const { client, readOlder, channel, series, maxCandles, onChange, onStart, onRefused } = options;
  let isEnded = false;
  /** Each start fills anew; an older one stops. */
  let generation = 0;
  let isFilling = false;
  let isPastUnread = false;
  let wanted = firstBars;
  let oldest: Pick<Published, 'epoch' | 'seq'> | undefined;

  const take = (bar: Bar & Partial<Published>): void => {
    const { epoch, seq } = bar;
    // An open bar has no place in history.
    if (epoch !== undefined && seq !== undefined && (oldest === undefined || seq < oldest.seq)) oldest = { epoch, seq };
    series.add(bar);
  };

  const fillBack = async (): Promise<void> => {
    const mine = generation;
    while (oldest !== undefined && oldest.seq > 1) {
      if (series.candles.length >= wanted && series.missing().length === 0) return;
      const bars = await readOlder(channel, oldest);
      if (isEnded || generation !== mine) return;
      // Nothing older is kept.
      if (bars.length === 0) return;
      for (const bar of bars) take(bar);
      onChange();
    }
  };

  const setUnread = (isUnread: boolean): void => {
    if (isPastUnread === isUnread) return;
    isPastUnread = isUnread;
    onChange();
  };

  const fill = (): void => {
    if (isEnded || isFilling) return;
    isFilling = true;
    const mine = generation;
    fillBack()
      .then(
        () => setUnread(false),
        // The chart is shorter until the viewer asks again, or the connection is back.
        () => generation === mine && !isEnded && setUnread(true),
      )
      .finally(() => {
        isFilling = false;
        if (generation !== mine) fill();
      });
  };

  const end = client.follow<Bar & Partial<Published>>(
    channel,
    {
      last: firstBars,
      onRefused,
      onStart: (start) => {
        onStart();
        if (start !== 'recovered') {
          oldest = undefined;
          generation += 1;
        } else if (!isPastUnread) return;
        // Behind what the subscription begins with, which is handed out in this turn.
        queueMicrotask(fill);
      },
    },
    ({ message }) => {
      take(message);
      onChange();
    },
  );

  return {
    get isPastUnread() {
      return isPastUnread;
    },
    wantOlder() {
      // Scrolling further is not a retry: it would ask a busy server at every step.
      if (isFilling || isPastUnread) return;
      wanted = Math.min(maxCandles, series.candles.length + olderBars);
      fill();
    },
    retryOlder() {
      setUnread(false);
      fill();
    },
    end() {
      isEnded = true;
      end();
    },
  };
};
