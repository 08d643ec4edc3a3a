import type { Clock, FeedState } from '@tickwire/protocol';
import type { FeedEvent } from '../feed.js';
import type { Pair } from './venue.js';

/**
 * Reports each change of an instrument's state as an event. When it is live again, the event says whether every trade
 * that was missing meanwhile was delivered.
 */
export interface StateReport {
  /** Undefined before the first report. */
  readonly state: FeedState | undefined;
  readonly reason: string | undefined;
  /** Time by the wall clock. */
  readonly since: number;
  /** It is proven that every missing trade is reported: delivered, or in a gap. */
  prove(): void;
  /** The connection broke: what was proven holds no longer. */
  disprove(): void;
  /** Appends an event to `out` if the state is another one. `out` may hold gaps that were reported just before. */
  report(next: FeedState, reason: string | undefined, ageMs: number | undefined, out: FeedEvent[]): void;
}

export interface StateReportOptions {
  readonly venue: string;
  readonly pair: Pair;
  readonly clock: Pick<Clock, 'wall'>;
}

export const createStateReport = ({ venue, pair, clock }: StateReportOptions): StateReport => {
  const { symbol } = pair;
  let state: FeedState | undefined;
  let reason: string | undefined;
  let since = 0;
  let wasLive = false;
  let isProven = false;
  /** A gap was reported since it was last live. */
  let hadGap = false;

  return {
    get state() {
      return state;
    },
    get reason() {
      return reason;
    },
    get since() {
      return since;
    },
    prove() {
      isProven = true;
    },
    disprove() {
      isProven = false;
    },
    report(next, why, ageMs, out) {
      if (out.some((event) => event.kind === 'gap' && event.gap.symbol === symbol)) hadGap = true;
      if (next === state && (next !== 'down' || why === reason)) return;
      const isComplete = next === 'live' && wasLive && isProven && !hadGap;
      if (next === 'live') {
        wasLive = true;
        isProven = true;
        hadGap = false;
      }
      const rts = clock.wall();
      if (next !== state) since = rts;
      state = next;
      reason = why;
      const { priceDecimals } = pair;
      out.push({
        kind: 'state',
        state: {
          ...{ venue, symbol, state, rts },
          ...(why !== undefined && { reason: why }),
          ...(ageMs !== undefined && { ageMs }),
          ...(priceDecimals !== undefined && { priceDecimals }),
          ...(isComplete && { isComplete }),
        },
      });
    },
  };
};
