import type { FeedState, Health } from '@tickwire/protocol';

/** How much a price can be trusted right now. */
export type PriceState = 'waiting' | 'live' | 'stale' | 'down';

export interface StateFacts {
  /** Whether this page hears its gateway. */
  readonly isConnected: boolean;
  /** Nothing arrives over the connection any more. */
  readonly isSilent: boolean;
  /** The gateway has lost its own connection: prices may come late. */
  readonly isGatewayStale: boolean;
  /** Only channels of this price are stale, as where Redis rejects them. */
  readonly isChannelStale: boolean;
  readonly health: Pick<Health, 'state' | 'reason'> | undefined;
  /** When the newest ticker arrived; undefined before the first. */
  readonly heardAt: number | undefined;
  /** Mean time between tickers of this symbol; undefined while unknown. */
  readonly gapMs: number | undefined;
  readonly now: number;
}

/** A shorter silence is not reported. */
const minSilenceMs = 900;
/** A symbol that is silent for this many of its usual gaps is not merely quiet. */
const silentGaps = 12;
const maxSilenceMs = 20_000;

export const priceState = (facts: StateFacts): PriceState => {
  const { health, heardAt, now } = facts;
  if (health?.state === 'down') return 'down';
  if (heardAt === undefined) return 'waiting';
  if (!facts.isConnected || facts.isSilent || facts.isGatewayStale || facts.isChannelStale) return 'stale';
  if (health !== undefined && health.state !== 'live') return 'stale';
  return now - heardAt > silenceMs(facts.gapMs) ? 'stale' : 'live';
};

const silenceMs = (gapMs: number | undefined): number =>
  gapMs === undefined ? maxSilenceMs : Math.min(maxSilenceMs, Math.max(minSilenceMs, gapMs * silentGaps));

/** What decides the state: facts of the connection, the same for all symbols, and those of one symbol. */
export type StateReasons = Pick<StateFacts, 'isConnected' | 'isSilent' | 'isGatewayStale' | 'health'>;

/** For people, in full. */
export const stateText = (state: PriceState, facts: StateReasons): string => {
  if (state === 'live') return 'live';
  if (state === 'waiting') return 'waiting for the first price';
  if (state === 'down') return withReason('down: the venue is out of reach', facts.health?.reason);
  if (!facts.isConnected) return 'stale: this page is not connected';
  if (facts.isGatewayStale) return 'stale: the gateway has lost its source';
  if (facts.isSilent) return 'stale: nothing arrives';
  const feedState: FeedState | undefined = facts.health?.state;
  if (feedState === 'resync') return 'stale: catching up with the venue';
  if (feedState === 'stale') return withReason('stale: the venue has gone silent', facts.health?.reason);
  return 'stale: no update for a while';
};

const withReason = (text: string, reason: string | undefined): string =>
  reason === undefined || reason === '' ? text : `${text} (${reason})`;

/** Decides which changes of one price's state are worth a sentence of their own. */
export interface StateNews {
  /** Whether this state is news. While the page is not connected, and until prices are back, the connection is the news. */
  isNews(state: PriceState, isConnected: boolean): boolean;
  /** Another symbol: its first state is not a change. */
  reset(): void;
}

export const createStateNews = (): StateNews => {
  let announced: PriceState | undefined;
  return {
    isNews(state, isConnected) {
      const before = announced;
      if (!isConnected) announced = undefined;
      else if (before !== undefined || state === 'live' || state === 'down') announced = state;
      return before !== undefined && announced !== undefined && before !== announced;
    },
    reset() {
      announced = undefined;
    },
  };
};
