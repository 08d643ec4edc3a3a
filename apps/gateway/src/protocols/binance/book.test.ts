import { describe, expect, it } from '@jest/globals';
import { type Book, bookOf, createBookUpdates } from './book.js';

const book = (id: number, bid?: string, ask?: string, size = '1'): Book => ({
  id,
  bids: bid === undefined ? [] : [[bid, size]],
  asks: ask === undefined ? [] : [[ask, size]],
});

describe('books', () => {
  it.each([
    [{ bid: '1.50', bidSize: '2.0', ask: '1.60', askSize: '3' }, [['1.50', '2.0']], [['1.60', '3']]],
    [{ bid: '1.50', bidSize: '2', ask: '1.60' }, [['1.50', '2']], []],
    [{ bid: '1.50', bidSize: '0.00', askSize: '3' }, [], []],
    [{ bid: 'high', bidSize: '1', ask: 5, askSize: '1' }, [], []],
  ])('[G159] %p', (fields, bids, asks) => {
    expect(bookOf({ ts: 5, seq: 1_234_567, ...fields })).toEqual({ id: 567, bids, asks });
  });

  it('[G159] an update takes away what any book since the last one had, and no hole is in the ids', () => {
    const updates = createBookUpdates();
    expect(updates.take()).toBeUndefined();
    updates.add(book(100, '10', '11'));
    expect(updates.take()).toEqual({ firstId: 100, lastId: 100, bids: [['10', '1']], asks: [['11', '1']] });
    updates.add(book(105, '10', '11'));
    expect(updates.take()).toBeUndefined();
    updates.add(book(107, '12', '13'));
    updates.add(book(108, '9', '13'));
    updates.add(book(109, '8'));
    expect(updates.take()).toEqual({
      firstId: 101,
      lastId: 109,
      bids: ['8:1', '10:0.00000000', '12:0.00000000', '9:0.00000000'].map((level) => level.split(':')),
      asks: ['11:0.00000000', '13:0.00000000'].map((level) => level.split(':')),
    });
  });

  it('[G159] a book that returns is sent, and a clock that is set back makes no update old', () => {
    const updates = createBookUpdates();
    updates.add(book(100, '10'));
    updates.take();
    updates.add(book(101, '12'));
    updates.add(book(50, '10'));
    expect(updates.take()).toEqual({
      firstId: 101,
      lastId: 101,
      bids: ['10:1', '12:0.00000000'].map((l) => l.split(':')),
      asks: [],
    });
    updates.add(book(51, '10', undefined, '3'));
    expect(updates.take()).toEqual({ firstId: 102, lastId: 102, bids: [['10', '3']], asks: [] });
  });
});
