import type { FeedEvent, Instrument } from '@tickwire/market';
import type { Health } from '@tickwire/protocol';

/** A report of the feed on a stream that was not live. */
export interface Trouble {
  readonly at: number;
  readonly state: Health['state'];
  readonly reason: string;
}

/**
 * The health of one stream, as its feed reports it. Ages are measured in steady time; if none is given, labels are
 * steady themselves, as in a recording.
 */
export interface StreamHealth {
  /** Returns whether the event changed the health. */
  add(event: FeedEvent, steadyMs?: number): boolean;
  readonly isLive: boolean;
  /** The last trouble; kept after the stream is live again. */
  readonly lastTrouble: Trouble | undefined;
  /** Time since the last market data, or else since the state began. */
  ageMs(steadyMs: number): number;
  /** The present health; `down` before the first report. */
  message(nowMs: number, steadyMs?: number): Health;
}

export const createStreamHealth = ({ venue, symbol }: Instrument): StreamHealth => {
  let state: Health['state'] = 'down';
  let reason: string | undefined = 'not started yet';
  let since: number | undefined;
  /** `since` and the time of the last market data, in steady time; undefined before. */
  let sinceSteady: number | undefined;
  let heardAt: number | undefined;
  let lastTrouble: Trouble | undefined;

  const ageMs = (steadyMs: number): number => Math.max(0, Math.round(steadyMs - (heardAt ?? sinceSteady ?? steadyMs)));

  return {
    add(event, steadyMs) {
      switch (event.kind) {
        case 'trade':
          heardAt = steadyMs ?? event.trade.rts;
          return false;
        case 'quote':
          heardAt = steadyMs ?? event.quote.rts;
          return false;
        case 'stats':
          heardAt = steadyMs ?? event.stats.rts;
          return false;
        case 'state': {
          const reported = event.state;
          const at = steadyMs ?? reported.rts;
          // Another reason does not begin the state anew.
          if (reported.state !== state || since === undefined) {
            since = reported.rts;
            sinceSteady = at;
          }
          state = reported.state;
          reason = reported.reason;
          if (state !== 'live') lastTrouble = { at: reported.rts, state, reason: reason ?? 'no reason given' };
          if (reported.ageMs !== undefined)
            heardAt = Math.max(heardAt ?? Number.NEGATIVE_INFINITY, at - reported.ageMs);
          return true;
        }
        default:
          return false;
      }
    },
    get isLive() {
      return state === 'live';
    },
    get lastTrouble() {
      return lastTrouble;
    },
    ageMs,
    message: (nowMs, steadyMs = nowMs) => ({
      type: 'feed.health',
      venue,
      symbol,
      ts: nowMs,
      rts: nowMs,
      state,
      since: since ?? nowMs,
      ageMs: ageMs(steadyMs),
      ...(reason !== undefined && { reason }),
    }),
  };
};
