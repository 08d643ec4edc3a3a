import { describe, expect, it } from '@jest/globals';
import type { Health } from '@tickwire/protocol';
import { feedStates } from './feed-states.js';

const stream = (venue: string, symbol: string, state: Health['state'], since: number, troubledAt?: number) => ({
  health: { type: 'feed.health', venue, symbol, ts: 9, rts: 9, state, since, ageMs: 0 } as const,
  lastTrouble:
    troubledAt === undefined ? undefined : { at: troubledAt, state: 'down' as const, reason: `${symbol} fell` },
});

describe('states of feeds', () => {
  it('[P49] are those of the best stream, with the number of live streams and the last trouble of any', () => {
    expect(
      feedStates([
        stream('kraken', 'BTC-USD', 'down', 1, 4),
        stream('kraken', 'ETH-USD', 'live', 5, 3),
        stream('kraken', 'SOL-USD', 'live', 2),
        stream('sim', 'BTC-USD', 'live', 7),
      ]),
    ).toEqual([
      {
        name: 'kraken',
        state: 'live',
        live: 2,
        streams: 3,
        since: 2,
        trouble: { at: 4, state: 'down', symbol: 'BTC-USD', reason: 'BTC-USD fell' },
      },
      { name: 'sim', state: 'live', live: 1, streams: 1, since: 7 },
    ]);
    expect(feedStates([stream('kraken', 'A-B', 'down', 1), stream('kraken', 'C-D', 'stale', 8)])[0]).toMatchObject({
      state: 'stale',
      since: 8,
      live: 0,
      streams: 2,
    });
    expect(feedStates([])).toEqual([]);
  });
});
