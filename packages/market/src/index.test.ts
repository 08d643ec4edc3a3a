import { expect, test } from '@jest/globals';
import * as market from './index.js';

test('the door shows these names and no others', () => {
  expect(Object.keys(market).sort()).toEqual([
    'MarketError',
    'binanceQuoteAssets',
    'binanceSymbolMap',
    'compareDecimals',
    'createBarBuilder',
    'createCcxtFeed',
    'createCombinedFeed',
    'createDayWindow',
    'createExchangeFeed',
    'createRecorder',
    'createRecordingReader',
    'createReplayFeed',
    'createSimulatedFeed',
    'createTickerBuilder',
    'createTimeCheck',
    'discoverInstruments',
    'expandExponent',
    'guessBinanceSymbol',
    'inspectRecording',
    'isDecimal',
    'isPrice',
    'isVenueName',
    'listCcxtSymbols',
    'listSymbols',
    'mapBinanceFrame',
    'nearestSymbols',
    'shownText',
    'simulatedMarket',
    'unlistedText',
    'venueNames',
    'venueOf',
  ]);
});
