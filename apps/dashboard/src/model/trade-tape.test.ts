import { describe, expect, it } from '@jest/globals';
import type { Trade } from '@tickwire/protocol';
import { createTradeTape } from './trade-tape.js';

const trade = (id: number, size = '1'): Trade => ({
  type: 'price.trade',
  venue: 'sim',
  symbol: 'BTC-USD',
  ts: id,
  rts: id,
  id: String(id),
  price: String(id),
  size,
  side: 'buy',
});
const prices = ({ lines }: ReturnType<typeof createTradeTape>) => lines.map(({ price }) => price).join(' ');

describe('the tape', () => {
  it('[D14] has the newest first, and no more than fit', () => {
    const tape = createTradeTape(3);
    for (let id = 1; id <= 5; id += 1) tape.add(trade(id));
    expect(prices(tape)).toBe('5 4 3');
  });

  it('[D14] holds still while paused and has all it missed afterwards', () => {
    const tape = createTradeTape(4);
    for (const id of [1, 2, 3]) tape.add(trade(id));
    tape.pause();
    for (const id of [4, 5]) tape.add(trade(id));
    expect([prices(tape), tape.held, tape.isPaused]).toEqual(['3 2 1', 2, true]);
    tape.resume();
    expect([prices(tape), tape.held, tape.isPaused]).toEqual(['5 4 3 2', 0, false]);
    for (let id = 6; id < 100; id += 1) tape.add(trade(id));
    expect(tape.lines.length).toBe(4);
    tape.clear();
    expect(tape.lines).toEqual([]);
  });

  it('[D14] bars grow with size, a tenfold one nearly full, none beyond', () => {
    const tape = createTradeTape(3);
    for (let id = 0; id < 300; id += 1) tape.add(trade(id));
    const weigh = (size: string) => {
      tape.add(trade(1, size));
      return tape.lines[0]?.weight ?? 0;
    };
    expect(weigh('1')).toBeCloseTo(1 / 3, 1);
    expect(weigh('8')).toBeGreaterThan(0.9);
    expect(weigh('100000')).toBe(1);
    expect(weigh('0')).toBe(0);
  });
});
