import { channelName, type Forecast } from '@tickwire/protocol';
import type { AlertBook } from '../model/alert-book.js';
import { createIntervalJudge, type IntervalJudge } from '../model/interval-judge.js';
import type { LiveClient, Received } from './live-client.js';

/** Follows the forecasts that alerts need. The page follows prices and states already. */
export interface AlertFeed {
  /** The alerts changed. */
  sync(): void;
}

interface FollowedMarket {
  readonly venue: string;
  readonly symbol: string;
  readonly judges: Map<number, IntervalJudge>;
  end: () => void;
  newestSeq?: number;
}

/** Earlier forecasts read back for a horizon, evenly over its length: there is one a second. */
const readsPerHorizon = 15;

export const createAlertFeed = (client: Pick<LiveClient, 'follow' | 'readBack'>, book: AlertBook): AlertFeed => {
  const followed = new Map<string, FollowedMarket>();

  const readPast = async (market: FollowedMarket, horizonSeconds: number): Promise<void> => {
    const { venue, symbol, newestSeq } = market;
    const judge = market.judges.get(horizonSeconds);
    if (judge === undefined || newestSeq === undefined) return;
    const step = Math.max(1, Math.floor(horizonSeconds / readsPerHorizon));
    for (let seq = newestSeq - horizonSeconds; seq < newestSeq; seq += step) {
      if (seq < 1 || market.judges.get(horizonSeconds) !== judge) continue;
      try {
        const [read] = await client.readBack<Forecast>(channelName('forecast', venue, symbol), 1, seq + 1);
        if (read !== undefined) judge.learn(read.message);
      } catch {
        // Without a past it is judged once this page has received an interval for that moment.
        return;
      }
    }
  };

  const take = (key: string, market: FollowedMarket, { message, seq, arrival }: Received<Forecast>): void => {
    const isFirst = market.newestSeq === undefined;
    market.newestSeq = seq;
    for (const [horizonSeconds, judge] of market.judges) {
      if (isFirst) void readPast(market, horizonSeconds);
      if (arrival !== 'live') {
        judge.learn(message);
        continue;
      }
      const verdict = judge.judge(message);
      if (verdict !== undefined) book.interval(key, horizonSeconds, verdict.isOutside, message.price);
    }
  };

  const follow = (key: string, venue: string, symbol: string): FollowedMarket => {
    const market: FollowedMarket = { venue, symbol, judges: new Map(), end: () => {} };
    followed.set(key, market);
    market.end = client.follow<Forecast>(channelName('forecast', venue, symbol), { last: 1 }, (received) =>
      take(key, market, received),
    );
    return market;
  };

  return {
    sync() {
      const wanted = new Map<string, Set<number>>();
      for (const { kind, venue, symbol, horizonSeconds = 0 } of book.alerts) {
        if (kind !== 'interval') continue;
        const key = `${venue}.${symbol}`;
        wanted.set(key, (wanted.get(key) ?? new Set()).add(horizonSeconds));
        const market = followed.get(key) ?? follow(key, venue, symbol);
        if (market.judges.has(horizonSeconds)) continue;
        market.judges.set(horizonSeconds, createIntervalJudge(horizonSeconds));
        void readPast(market, horizonSeconds);
      }
      for (const [key, market] of followed) {
        const horizons = wanted.get(key);
        for (const seconds of market.judges.keys()) if (!horizons?.has(seconds)) market.judges.delete(seconds);
        if (horizons !== undefined) continue;
        market.end();
        followed.delete(key);
      }
    },
  };
};
