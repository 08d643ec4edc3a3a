import { expect, test } from '@jest/globals';
import * as market from './index.js';

test('the door shows these names and no others', () => {
  expect(Object.keys(market).sort()).toEqual([
    'MarketError',
    'binanceQuoteAssets',
    'binanceSymbolMap',
    'compareDecimals',
    'createBarBuilder',
    'createDayWindow',
    'createReplayFeed',
    'createSimulatedFeed',
    'createSystemClock',
    'createTickerBuilder',
    'discoverInstruments',
    'expandExponent',
    'guessBinanceSymbol',
    'isDecimal',
    'mapBinanceFrame',
    'simulatedMarket',
  ]);
});
