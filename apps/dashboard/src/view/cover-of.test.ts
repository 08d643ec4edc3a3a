import { describe, expect, it } from '@jest/globals';
import { type CoverFacts, coverOf } from './cover-of.js';

const facts: CoverFacts = {
  state: { name: 'live', gateway: 'g' },
  symbols: { kind: 'symbols', symbols: [] },
  problem: undefined,
  symbol: 'BTC-USD',
  candles: 0,
  isAnswered: true,
  isOnline: true,
  isSourceAway: false,
  waitedMs: 5_000,
  onRetry: () => {},
};
const titleOf = (changed: Partial<CoverFacts>): string => {
  const cover = coverOf({ ...facts, ...changed });
  return cover.kind === 'waiting' ? cover.title : cover.kind;
};

describe('what is said over an empty chart', () => {
  it('[D78] is what is so: a slow answer is not a missing trade', () => {
    expect(titleOf({})).toBe('No trade of BTC-USD yet');
    expect(titleOf({ isAnswered: false })).toBe('Slow connection');
    expect(titleOf({ symbols: undefined })).toBe('Slow connection');
    expect(titleOf({ isAnswered: false, waitedMs: 100 })).toBe('loading');
    expect(titleOf({ isOnline: false })).toBe('You are offline');
    const connecting = { name: 'connecting', reason: 'Connecting' } as const;
    expect(titleOf({ state: connecting, waitedMs: 2_000 })).toBe('The server does not answer');
    expect(titleOf({ symbols: { kind: 'none' } })).toBe('No prices yet');
    expect(titleOf({ candles: 1, isAnswered: false })).toBe('none');
  });

  it('[D341] is that something is in the way where the server answers and no connection ever opens', () => {
    const state = { name: 'connecting', reason: 'Reconnecting' } as const;
    expect(titleOf({ state })).toBe('No live connection');
    expect(titleOf({ state, waitedMs: 4_000 })).toBe('The server does not answer');
    expect(titleOf({ state, symbols: undefined })).toBe('The server does not answer');
    expect(titleOf({ state: { ...state, name: 'reconnecting', since: 0 } })).toBe('The server does not answer');
  });

  it('[D321] is that prices cannot be had where the server has lost their source, whatever else is not there', () => {
    for (const isAnswered of [true, false])
      expect(titleOf({ isSourceAway: true, isAnswered })).toBe('No prices right now');
    expect(titleOf({ isSourceAway: true, symbols: undefined })).toBe('No prices right now');
    expect(titleOf({ isSourceAway: true, candles: 1 })).toBe('none');
    expect(titleOf({ isSourceAway: true, isOnline: false })).toBe('You are offline');
  });
});
