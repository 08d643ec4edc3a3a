import type { Forecast } from '@tickwire/protocol';
import type { FanHistory } from '../model/fan-history.js';
import type { LiveClient } from './live-client.js';

export interface ForecastFeedOptions {
  readonly client: LiveClient;
  readonly channel: string;
  readonly history: FanHistory;
  readonly onForecast: (forecast: Forecast) => void;
  /** Past forecasts were put into the history. */
  readonly onPast: () => void;
}

export interface ForecastFeed {
  /** Reads back the past forecasts of a horizon made in these last seconds. */
  wantPast(horizonSeconds: number, seconds: number): void;
  close(): void;
}

/** Past forecasts are read one by one: of all that were made, a fan for every horizon's length is drawn. */
const readsAtOnce = 4;
const maxPast = 60;

export const followForecasts = (options: ForecastFeedOptions): ForecastFeed => {
  const { client, channel, history, onForecast, onPast } = options;
  /** Seconds back that are wanted, and those that were read, by horizon. */
  const wanted = new Map<number, number>();
  const read = new Set<number>();
  let newestSeq: number | undefined;
  let isReading = false;
  let isEnded = false;

  const nextSeqs = (): readonly number[] => {
    if (newestSeq === undefined) return [];
    for (const [horizonSeconds, seconds] of wanted) {
      const seqs = history.wanted(horizonSeconds, newestSeq - seconds, newestSeq).slice(0, maxPast);
      const unread = seqs.filter((seq) => !read.has(seq)).slice(0, readsAtOnce);
      if (unread.length > 0) return unread;
    }
    return [];
  };

  const readPast = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    try {
      for (let seqs = nextSeqs(); seqs.length > 0 && !isEnded; seqs = nextSeqs()) {
        for (const seq of seqs) read.add(seq);
        const found = await Promise.all(seqs.map((seq) => client.readBack<Forecast>(channel, 1, seq + 1)));
        if (isEnded) return;
        for (const [first] of found) if (first !== undefined) history.add(first.message, first.seq);
        onPast();
      }
    } catch {
      // The past stays shorter; the live fan does not depend on it.
    } finally {
      isReading = false;
    }
  };

  const end = client.follow<Forecast>(
    channel,
    {
      last: 1,
      onStart: (start) => {
        // Positions of another epoch mean other forecasts.
        if (start === 'lost') read.clear();
      },
    },
    ({ message, seq }) => {
      const isFirst = newestSeq === undefined;
      newestSeq = seq;
      if (history.add(message, seq)) onPast();
      onForecast(message);
      if (isFirst) void readPast();
    },
  );

  return {
    wantPast(horizonSeconds, seconds) {
      wanted.set(horizonSeconds, seconds);
      void readPast();
    },
    close() {
      isEnded = true;
      end();
    },
  };
};
