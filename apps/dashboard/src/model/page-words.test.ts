import { describe, expect, it } from '@jest/globals';
import { originText, titleText, withoutTrades } from './page-words.js';

const name = { venue: 'sim', symbol: 'BTC-USD' };

describe('what the page says of its prices', () => {
  it('[D61] simulated and recorded prices are labelled as such', () => {
    expect(originText([name])).toBeUndefined();
    expect(originText([])).toBeUndefined();
    expect(originText([{ ...name, simulated: true }])).toBe('Simulated prices. For real ones: FEED=binance npm start');
    expect(originText([{ ...name, recorded: true }])).toBe('Recorded prices, not live');
    expect(originText([name, { ...name, simulated: true }, { ...name, recorded: true }])).toBe(
      'Not all prices are real: 2 of 3 are simulated or recorded',
    );
  });

  it('[D78] an empty tape has no trades once the server has answered', () => {
    expect(withoutTrades({ isAnswered: false, isWithoutTrades: false })).toBe('');
    expect(withoutTrades({ isAnswered: true, isWithoutTrades: false })).toBe('No trades yet.');
    expect(withoutTrades({ isAnswered: true, isWithoutTrades: true })).toBe('These prices come without trades.');
  });

  it('[D62] the title has the price and its symbol, and a mark where it is not live', () => {
    expect(titleText({ price: '61,838.66', symbol: 'BTC-USD', isLive: true })).toBe('61,838.66 BTC-USD');
    expect(titleText({ price: '61,838.66', symbol: 'BTC-USD', isLive: false })).toBe('⚠ 61,838.66 BTC-USD (not live)');
    expect(titleText({ price: undefined, symbol: 'BTC-USD', isLive: false })).toBe('BTC-USD – Tickwire');
    expect(titleText({ price: '61,838.66', symbol: 'BTC-USD', isLive: true, alerts: 2 })).toBe('(2) 61,838.66 BTC-USD');
    expect(titleText({ price: undefined, symbol: undefined, isLive: false })).toBe('Tickwire');
  });
});
