import { describe, expect, it } from '@jest/globals';
import { producerConfig } from './config.js';

describe('producer config', () => {
  it('[P15] simulates six symbols without any setting', () => {
    const config = producerConfig({});
    expect(config).toMatchObject({ tickerMs: 100, leaseMs: 3_000, maxBuffered: 100_000 });
    expect(config.healthPort).toBeUndefined();
    expect(config.feed).toMatchObject({ kind: 'simulated', seed: 'tickwire', tradesPerSecond: 5 });
    expect(config.feed).toMatchObject({
      symbols: expect.arrayContaining(['BTC-USD', 'ETH-USD', 'SOL-USD', 'XRP-USD']),
    });
  });

  it('[P15] warns of variables of another feed, and reads the name of a feed in any case', () => {
    const { hints, feed } = producerConfig({ FEED: 'Binance', SIM_RATE: '5', REPLAY_FILE: 'a.jsonl' });
    expect(feed.kind).toBe('exchanges');
    expect(hints).toEqual([
      'SIM_RATE is set, but it is for FEED=simulated only',
      'REPLAY_FILE is set, but it is for FEED=replay only',
    ]);
    expect(producerConfig({ SIM_RATE: '5', REPLAY_FILE: '' }).hints).toEqual([]);
  });

  it('[P40] reads one or several exchanges, their addresses, and the options of ccxt', () => {
    expect(producerConfig({ FEED: 'binance' }).feed).toEqual({
      kind: 'exchanges',
      symbols: [],
      listingMs: 300_000,
      venues: [{ kind: 'own', venue: 'binance', defaultSymbols: ['BTC-USDT', 'ETH-USDT'], urls: {} }],
    });
    const env = {
      FEED: 'kraken, ccxt:okx',
      SYMBOLS: 'BTC-USD,ETH-USD,BTC-USD',
      KRAKEN_WS_URL: 'wss://one.example/v2, ws://two.example/v2',
      KRAKEN_REST_URL: 'https://rest.example',
      CCXT_OPTIONS: '{"timeout":5000}',
    };
    expect(producerConfig(env).feed).toEqual({
      kind: 'exchanges',
      symbols: ['BTC-USD', 'ETH-USD'],
      listingMs: 300_000,
      venues: [
        {
          kind: 'own',
          venue: 'kraken',
          defaultSymbols: ['BTC-USD', 'ETH-USD'],
          urls: { sockets: ['wss://one.example/v2', 'ws://two.example/v2'], rest: ['https://rest.example'] },
        },
        { kind: 'ccxt', venue: 'okx', defaultSymbols: ['BTC-USDT', 'ETH-USDT'], options: { timeout: 5_000 } },
      ],
    });
  });

  it.each([
    [{ FEED: 'nasdaq' }, /^FEED is "nasdaq", but must be simulated, replay, or one or several of binance, coinbase/],
    [{ FEED: 'simulated,binance' }, /^FEED is "simulated,binance", but must be simulated, replay, or/],
    [{ SYMBOLS: '币安人生-USDT' }, /^SYMBOLS is "币安人生-USDT", but must be .*other letters are not supported$/],
    [{ SYMBOLS: 'AAPLx-USD' }, /^SYMBOLS is "AAPLx-USD", but must be .*other letters are not supported$/],
    [
      { SYMBOLS: 'btcusd' },
      /^SYMBOLS is "btcusd", but must be symbols such as BTC-USD,ETH-USD, .*: btcusd is not one$/,
    ],
    [{ FEED: ',' }, /^FEED is ",", but must be/],
    [{ FEED: 'replay' }, /^REPLAY_FILE is not set/],
    [{ SIM_RATE: '20000' }, /^SIM_RATE is "20000", but must be a number from 0.001 to 10000$/],
    [{ FEED: 'ccxt:__proto__' }, /^FEED is "ccxt:__proto__", but must be/],
    [{ FEED: 'binance,ccxt:binance' }, /^FEED names binance twice/],
    [{ BINANCE_WS_URL: 'http://x' }, /^BINANCE_WS_URL is the value given, but must be addresses that begin with wss:/],
    [
      { COINBASE_REST_URL: 'api' },
      /^COINBASE_REST_URL is the value given, but must be addresses that begin with https/,
    ],
    [{ CCXT_OPTIONS: '[1]' }, /^CCXT_OPTIONS is "\[1\]", but must be an object in JSON$/],
    [{ CCXT_OPTIONS: '{' }, /^CCXT_OPTIONS is "\{", but must be an object in JSON$/],
  ])('[P40] refuses %o in one line', (env, line) => {
    expect(() => producerConfig(env)).toThrow(line);
  });

  it('[P330] rejects a symbol that is too long for a channel, at the start', () => {
    expect(() => producerConfig({ SYMBOLS: `BTC-USD,${'A'.repeat(86)}-USD` })).toThrow(
      /^SYMBOLS is "BTC-USD,A+-USD", but must be symbols of at most 49 characters, since channels are named after them: A+-USD has 90$/,
    );
  });

  it('[P200] takes patterns of symbols and the largest of a venue beside plain symbols', () => {
    const { feed } = producerConfig({ FEED: 'binance', SYMBOLS: '*-USDT, top:100,BTC-EUR', LISTING_MS: '60000' });
    expect(feed).toMatchObject({ symbols: ['*-USDT', 'top:100', 'BTC-EUR'], listingMs: 60_000 });
  });

  it.each([
    [{ FEED: 'binance', SYMBOLS: 'BTC-USDT,top:0' }, /^SYMBOLS is "BTC-USDT,top:0", but must be .*: top:0 is not one$/],
    [{ FEED: 'binance', SYMBOLS: '*' }, /: \* is not one$/],
    [{ SYMBOLS: ' , ' }, /^SYMBOLS is ",", but must be symbols such as BTC-USD,ETH-USD/],
    [{ FEED: 'simulated', SYMBOLS: 'BTC-USD,*-USDT' }, /^SYMBOLS has \*-USDT, but FEED=simulated has no listing/],
    [{ FEED: 'replay', REPLAY_FILE: 'a', SYMBOLS: 'top:5' }, /^SYMBOLS has top:5, but FEED=replay has no listing/],
  ])('[P201] rejects %o in one line that names what was found', (env, line) => {
    expect(() => producerConfig(env)).toThrow(line);
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
