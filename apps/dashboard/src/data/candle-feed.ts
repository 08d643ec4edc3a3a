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
  /** How many candles there may be at most. */
  readonly maxCandles: number;
  readonly onChange: () => void;
  /** The server has answered; what it has follows in this turn. */
  readonly onStart: () => void;
  readonly onRefused: (problem: Problem, code: number) => void;
}

export interface CandleFeed {
  /** Older candles were asked for and could not be read. */
  readonly isPastUnread: boolean;
  /** The viewer is close to the oldest candle: some more are read, as far as history goes. */
  wantOlder(): void;
  /** Reads again what could not be read. */
  retryOlder(): void;
  end(): void;
}

/** What the subscription itself brings: more than a screen shows. What is older is read when somebody looks there. */
export const firstBars = 300;
/** Read at a time when somebody comes to the oldest. */
const olderBars = 2 * pageBars;

/**
 * Fills a series with the bars of a channel: the newest at once, older ones page by page, then live. After a reconnect
 * it goes on where it was; where history could not bridge the gap, what there is gets read up to the last candle known.
 */
export const followCandles = (options: CandleFeedOptions): CandleFeed => {
  const { client, readOlder, channel, series, maxCandles, onChange, onStart, onRefused } = options;
  let isEnded = false;
  /** Each start has a filling of its own; an older one gives way. */
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
      // Scrolling on is not asking again: a server that is busy would be asked at every step.
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
