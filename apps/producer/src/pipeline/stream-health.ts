import type { FeedEvent, Instrument } from '@tickwire/market';
import type { Health } from '@tickwire/protocol';

/** What a feed told of a stream that was not live. */
export interface Trouble {
  readonly at: number;
  readonly state: Health['state'];
  readonly reason: string;
}

/**
 * How one stream fares, as its feed tells. Ages are measured in steady time; where none is given, the labels are steady
 * themselves, as in a recording.
 */
export interface StreamHealth {
  /** True if the event tells something new of it. */
  add(event: FeedEvent, steadyMs?: number): boolean;
  readonly isLive: boolean;
  /** The last there was, kept when the stream is live again. */
  readonly lastTrouble: Trouble | undefined;
  /** Since it last brought market data, or else since its state began. */
  ageMs(steadyMs: number): number;
  /** As of now; `down` before the feed said anything. */
  message(nowMs: number, steadyMs?: number): Health;
}

export const createStreamHealth = ({ venue, symbol }: Instrument): StreamHealth => {
  let state: Health['state'] = 'down';
  let reason: string | undefined = 'not started yet';
  let since: number | undefined;
  /** The same in steady time, and when it last brought market data; undefined before. */
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
          const told = event.state;
          const at = steadyMs ?? told.rts;
          // The same state for another reason did not begin anew.
          if (told.state !== state || since === undefined) {
            since = told.rts;
            sinceSteady = at;
          }
          state = told.state;
          reason = told.reason;
          if (state !== 'live') lastTrouble = { at: told.rts, state, reason: reason ?? 'no reason given' };
          if (told.ageMs !== undefined) heardAt = Math.max(heardAt ?? Number.NEGATIVE_INFINITY, at - told.ageMs);
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
