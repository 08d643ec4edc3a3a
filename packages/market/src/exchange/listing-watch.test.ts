import { beforeEach, describe, expect, test } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { settle } from '../../../../tests/support/exchanges/index.js';
import type { NoticeBody } from './exchange-status.js';
import { createListingWatch, type ListingWatch } from './listing-watch.js';

const everyMs = 1_000;

describe('a listing that is read again', () => {
  let clock: ReturnType<typeof createManualClock>;
  let listed: string[] | Error;
  let followed: string[];
  let notices: NoticeBody[];
  let readings: number;
  let watch: ListingWatch;

  const start = (words: readonly string[]): void => {
    watch = createListingWatch({
      words,
      everyMs,
      clock,
      followed: () => followed,
      onNotice: (notice) => notices.push(notice),
      read: async () => {
        readings += 1;
        if (listed instanceof Error) throw listed;
        return { listed: listed.map((symbol) => ({ symbol, name: symbol })), volumes: new Map() };
      },
      onChange: async (joined, left) => {
        followed = [...followed.filter((symbol) => !left.includes(symbol)), ...joined.map(({ symbol }) => symbol)];
      },
    });
    watch.start();
  };
  const read = async (times = 1): Promise<void> => {
    for (let i = 0; i < times; i += 1) {
      clock.advance(everyMs);
      await settle();
    }
  };

  beforeEach(() => {
    clock = createManualClock(0);
    listed = ['A-USDT', 'B-USDT'];
    followed = ['A-USDT', 'B-USDT'];
    notices = [];
    readings = 0;
  });

  test('[M212] new symbols join at the next reading, with one notice', async () => {
    start(['*-USDT']);
    await read();
    expect(notices).toEqual([]);
    listed = ['A-USDT', 'B-USDT', 'C-USDT', 'D-EUR'];
    await read(3);
    expect(followed).toEqual(['A-USDT', 'B-USDT', 'C-USDT']);
    expect(notices).toEqual([{ kind: 'listing-changed', joined: 1, left: 0, symbols: 3, examples: ['+C-USDT'] }]);
  });

  test('[M212] a symbol leaves after two readings without it', async () => {
    start(['*-USDT']);
    listed = ['A-USDT'];
    await read();
    listed = ['A-USDT', 'B-USDT'];
    await read();
    listed = ['A-USDT'];
    await read();
    expect(followed).toEqual(['A-USDT', 'B-USDT']);
    await read();
    expect(followed).toEqual(['A-USDT']);
    expect(notices).toEqual([{ kind: 'listing-changed', joined: 0, left: 1, symbols: 1, examples: ['-B-USDT'] }]);
  });

  test('[M212] if most of a venue is missing at once, it is kept, and reported once', async () => {
    followed = Array.from({ length: 40 }, (_, i) => `S${i}-USDT`);
    listed = [];
    start(['*-USDT']);
    await read(4);
    expect(followed).toHaveLength(40);
    expect(notices).toEqual([{ kind: 'listing-failed', reason: '40 of 40 symbols are not traded: they are kept' }]);
  });

  test('[M331] the end of trouble with the listing is reported once, with what is followed', async () => {
    followed = Array.from({ length: 40 }, (_, i) => `S${i}-USDT`);
    start(['*-USDT']);
    const whole = followed;
    const kinds = (): unknown[] =>
      notices.splice(0).map(({ kind, ...more }) => ('symbols' in more ? [kind, more.symbols] : kind));
    for (const trouble of [new Error('503'), whole.slice(30)]) {
      listed = trouble;
      await read(3);
      expect(kinds()).toEqual(['listing-failed']);
      listed = whole;
      await read(3);
      expect(kinds()).toEqual([['listed', 40]]);
    }
    listed = new Error('503');
    await read(2);
    listed = [];
    await read(2);
    expect(kinds()).toEqual(['listing-failed', 'listing-failed']);
    listed = whole;
    await read(2);
    expect(kinds()).toEqual([['listed', 40]]);
  });

  test('[M212] a venue that does not answer changes nothing, and is reported once', async () => {
    start(['*-USDT']);
    listed = new Error('503');
    await read(5);
    expect(readings).toBe(5);
    expect(notices).toEqual([{ kind: 'listing-failed', reason: '503', waitMs: everyMs }]);
    listed = ['A-USDT', 'B-USDT', 'C-USDT'];
    await read();
    expect(followed).toContain('C-USDT');
  });

  test('[M212] a symbol that was named stays, whatever is listed, and named ones alone are not read again', async () => {
    start(['B-USDT', 'A-*']);
    listed = ['A-USDT'];
    await read(3);
    expect(followed).toEqual(['A-USDT', 'B-USDT']);
    watch.close();
    readings = 0;
    start(['A-USDT', 'B-USDT']);
    await read(3);
    expect(readings).toBe(0);
  });

  test('[M212] nothing is read after it was closed, not even by a reading under way', async () => {
    start(['*-USDT']);
    listed = [];
    clock.advance(everyMs);
    watch.close();
    await settle();
    await read(3);
    expect(readings).toBe(1);
    expect(notices).toEqual([]);
  });
});
