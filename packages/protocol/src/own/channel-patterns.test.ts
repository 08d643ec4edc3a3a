import { describe, expect, test } from '@jest/globals';
import { channelMatcher, isChannelPattern } from './channel-patterns.js';

describe('patterns of channels', () => {
  test.each([
    ['*', 'trade.sim.BTC-USD', true],
    ['trade.sim.BTC-USD', 'trade.sim.BTC-USD', true],
    ['trade.sim.BTC-USD', 'trade.sim.BTC-USDT', false],
    ['trade.*.*', 'trade.sim.BTC-USD', true],
    ['trade.*.*', 'ticker.sim.BTC-USD', false],
    ['trade.*', 'trade.sim.BTC-USD', false],
    ['bar-*.sim.*-USD', 'bar-1m.sim.BTC-USD', true],
    ['bar-*.sim.*-USD', 'bar-1m.sim.BTC-EUR', false],
    ['bar-*.sim.*-USD', 'bar-1m.binance.BTC-USD', false],
    ['trade.sim.USD*USD', 'trade.sim.USD', false],
    ['trade.sim.B*', 'trade.sim.B', true],
    ['news', 'news', true],
  ])('[GA5] %s and %s: %s', (pattern, channel, isMatch) => {
    expect(isChannelPattern(pattern)).toBe(true);
    expect(channelMatcher([pattern])(channel)).toBe(isMatch);
  });

  test.each(['', '**', 'trade.**', 'trade.a*b*c', 'trade sim', 'a/b', '.*+', 'ü', `${'a'.repeat(100)}`])(
    '[GA5] %j is not a pattern',
    (pattern) => {
      expect(isChannelPattern(pattern)).toBe(false);
    },
  );

  test('[GA5] without patterns nothing matches', () => {
    expect(channelMatcher([])('trade.sim.BTC-USD')).toBe(false);
  });
});
