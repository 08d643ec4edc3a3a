import type { Bar } from '@tickwire/protocol';
import type { CandleSeries } from '../model/candle-series.js';
import type { Problem } from '../model/problem.js';
import type { LiveClient, Received } from './live-client.js';

export interface CandleFeedOptions {
  readonly client: LiveClient;
  readonly channel: string;
  readonly series: CandleSeries;
  /** How many candles there should be at least, as far as history goes. */
  readonly wanted: number;
  readonly onChange: () => void;
  /** The server has answered; what it has follows in this turn. */
  readonly onStart: () => void;
  readonly onRefused: (problem: Problem, code: number) => void;
}

/** What the subscription itself brings: enough to draw at once. What is older is read back behind it. */
const firstBars = 400;
const pageSize = 1_000;
/** More pages than this are not worth waiting for. */
const maxPages = 12;

/**
 * Fills a series with the bars of a channel: the newest at once, older ones page by page, then live. After a reconnect
 * it goes on where it was; where history could not bridge the gap, what there is gets read back up to the last candle
 * known. Returns what ends it.
 */
export const followCandles = (options: CandleFeedOptions): (() => void) => {
  const { client, channel, series, wanted, onChange, onStart, onRefused } = options;
  let isEnded = false;
  /** Each start has a filling of its own; an older one gives way. */
  let filling = 0;
  let oldestSeq: number | undefined;

  const take = ({ message, seq }: Received<Bar>): void => {
    // An open bar has no place in history.
    if (seq > 0 && (oldestSeq === undefined || seq < oldestSeq)) oldestSeq = seq;
    series.add(message);
  };

  const fillBack = async (): Promise<void> => {
    filling += 1;
    const mine = filling;
    for (let page = 0; page < maxPages; page += 1) {
      if (oldestSeq === undefined || oldestSeq <= 1) return;
      if (series.candles.length >= wanted && series.missing().length === 0) return;
      const bars = await client.readBack<Bar>(channel, pageSize, oldestSeq);
      if (isEnded || filling !== mine || bars.length === 0) return;
      for (const bar of bars) take(bar);
      onChange();
    }
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
        // Behind what the subscription begins with, which is handed out in this turn.
        queueMicrotask(() => {
          // A history that cannot be read leaves a shorter chart, which the next start tries to make longer.
          if (!isEnded) fillBack().catch(() => {});
        });
      },
    },
    (received) => {
      take(received);
      onChange();
    },
  );

  return () => {
    isEnded = true;
    end();
  };
};
