import type { FeedEvent, Instrument } from '@tickwire/market';
import type { Health } from '@tickwire/protocol';

/** What a feed told of a stream that was not live. */
export interface Trouble {
  readonly at: number;
  readonly state: Health['state'];
  readonly reason: string;
}

/** How one stream fares, as its feed tells. */
export interface StreamHealth {
  /** True if the event tells something new of it. */
  add(event: FeedEvent): boolean;
  readonly isLive: boolean;
  /** The last there was, kept when the stream is live again. */
  readonly lastTrouble: Trouble | undefined;
  /** As of now, which is on the feed's timeline; `down` before the feed said anything. */
  message(nowMs: number): Health;
}

export const createStreamHealth = ({ venue, symbol }: Instrument): StreamHealth => {
  let state: Health['state'] = 'down';
  let reason: string | undefined = 'not started yet';
  let since: number | undefined;
  /** When it last brought market data; undefined before. */
  let heardAt: number | undefined;
  let lastTrouble: Trouble | undefined;

  return {
    add(event) {
      switch (event.kind) {
        case 'trade':
          heardAt = event.trade.rts;
          return false;
        case 'quote':
          heardAt = event.quote.rts;
          return false;
        case 'stats':
          heardAt = event.stats.rts;
          return false;
        case 'state': {
          const told = event.state;
          // The same state for another reason did not begin anew.
          if (told.state !== state || since === undefined) since = told.rts;
          state = told.state;
          reason = told.reason;
          if (state !== 'live') lastTrouble = { at: told.rts, state, reason: reason ?? 'no reason given' };
          if (told.ageMs !== undefined) heardAt = Math.max(heardAt ?? 0, told.rts - told.ageMs);
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
    message(nowMs) {
      const began = since ?? nowMs;
      return {
        ...{ type: 'feed.health', venue, symbol, ts: nowMs, rts: nowMs, state, since: began },
        ageMs: Math.max(0, nowMs - (heardAt ?? began)),
        ...(reason !== undefined && { reason }),
      };
    },
  };
};
