import { describe, expect, it } from '@jest/globals';
import { producerConfig } from './config.js';

describe('producer config', () => {
  it('[P15] simulates six symbols without any setting', () => {
    const config = producerConfig({});
    expect(config).toMatchObject({ tickerMs: 100, leaseMs: 3_000, maxBuffered: 100_000, healthPort: 9_100 });
    expect(config.feed).toMatchObject({ kind: 'simulated', seed: 'tickwire', tradesPerSecond: 5 });
    expect(config.feed.symbols).toHaveLength(6);
  });

  it('[P15] reads a replay with its speed and times', () => {
    const env = {
      FEED: 'replay',
      REPLAY_FILE: 'a.ws.gz',
      REPLAY_SPEED: 'max',
      REPLAY_TIMES: 'now',
      SYMBOLS: 'BTC-USDT',
    };
    expect(producerConfig(env).feed).toEqual({
      kind: 'replay',
      file: 'a.ws.gz',
      speed: 'max',
      symbols: ['BTC-USDT'],
      shiftToNow: true,
    });
    expect(() => producerConfig({ FEED: 'replay' })).toThrow('REPLAY_FILE is not set');
    expect(() => producerConfig({ REPLAY_SPEED: 'fast' })).toThrow(
      'REPLAY_SPEED is "fast", but must be max, or a number from 0.001 to 1000 (1 is real time)',
    );
  });
});
