import { describe, expect, it } from '@jest/globals';
import type { Message } from '@tickwire/channel-layer';
import { createManualClock } from '@tickwire/protocol/testing';
import { openCatalog } from './catalog.js';

const open = async () => {
  const lines: object[] = [];
  let hear: (message: Message) => void = () => {};
  const catalog = await openCatalog(
    {
      tap(_group, listener) {
        hear = (message) => listener({ message });
        return Promise.resolve(() => {});
      },
    },
    { warn: (fields: object) => lines.push(fields), info: (fields: object) => lines.push(fields) },
  );
  return { catalog, lines, hear: (symbols: unknown) => hear({ type: 'feed.catalog', symbols } as Message) };
};
const bitcoin = { venue: 'sim', symbol: 'BTC-USD' };

describe('the catalog', () => {
  it('[G133] knows every well-formed channel until symbols are reported, then those of these symbols', async () => {
    const { catalog, hear } = await open();
    const names = ['trade.sim.BTC-USD', 'bar-1m.sim.ETH-USD', 'trade.sim', 'quote.sim.BTC-USD', ''];
    expect(names.map(catalog.knows)).toEqual([true, true, false, false, false]);
    hear([bitcoin]);
    expect(names.map(catalog.knows)).toEqual([true, false, false, false, false]);
  });

  it('[G133] keeps what it knows of each symbol, and drops fields it does not know', async () => {
    const { catalog, hear } = await open();
    hear([{ ...bitcoin, priceDecimals: 2, simulated: true, other: 'x' }]);
    expect(catalog.entries).toEqual([{ ...bitcoin, priceDecimals: 2, simulated: true }]);
  });

  it('[G134] a message that is not a catalog leaves the symbols as they were, and is logged when it begins and ends', async () => {
    const { catalog, hear, lines } = await open();
    hear([bitcoin]);
    for (let i = 0; i < 5; i += 1) hear([{ venue: 'sim', symbol: 'btc' }]);
    hear('all');
    expect(catalog.entries).toEqual([bitcoin]);
    expect(lines).toEqual([expect.objectContaining({ at: 'symbols.0.symbol', times: 1 })]);
    hear([]);
    expect([catalog.entries, lines[1]]).toEqual([[], { times: 5 }]);
  });

  describe('of parts', () => {
    const etherAtKraken = { venue: 'kraken', symbol: 'ETH-USD' };
    const openParts = async () => {
      const lines: object[] = [];
      const taps = new Map<string, (publication: { message: Message }) => void>();
      const clock = createManualClock();
      let failures = 0;
      const catalog = await openCatalog(
        {
          async tap(group, listener) {
            if (failures-- > 0) throw new Error('out of reach');
            taps.set(group, listener);
            return () => void taps.delete(group);
          },
        },
        { warn: (fields: object) => lines.push(fields), info: (fields: object) => lines.push(fields) },
        clock,
      );
      return {
        catalog,
        taps,
        lines,
        clock,
        fail: (times: number) => {
          failures = times;
        },
        announce: async (part: unknown) => {
          taps.get('catalog')?.({ message: { type: 'feed.part', part } as Message });
          await Promise.resolve();
          await Promise.resolve();
        },
        hear: (group: string, symbols: unknown) =>
          taps.get(group)?.({ message: { type: 'feed.catalog', symbols } as Message }),
      };
    };

    it('[E120] are followed once they are announced, and merged in the order of their names', async () => {
      const { catalog, announce, hear, taps } = await openParts();
      await announce('kraken');
      await announce('binance');
      await announce('kraken');
      expect([...taps.keys()]).toEqual(['catalog', 'tickwire.catalog.kraken', 'tickwire.catalog.binance']);
      hear('tickwire.catalog.kraken', [etherAtKraken]);
      hear('tickwire.catalog.binance', [bitcoin]);
      expect(catalog.entries).toEqual([bitcoin, etherAtKraken]);
      hear('tickwire.catalog.binance', []);
      expect(catalog.entries).toEqual([etherAtKraken]);
      catalog.close();
      expect(taps.size).toBe(0);
    });

    it('[E121] a gateway that has just started knows every well-formed channel for five seconds, for a part may be missing', async () => {
      const { catalog, announce, hear, clock } = await openParts();
      await announce('kraken');
      hear('tickwire.catalog.kraken', [etherAtKraken]);
      expect(catalog.knows('trade.sim.BTC-USD')).toBe(true);
      clock.advance(5_000);
      expect(catalog.knows('trade.sim.BTC-USD')).toBe(false);
      expect(catalog.knows('trade.kraken.ETH-USD')).toBe(true);
    });

    it('[E120] a part that is silent for an hour while others are not is gone; one alone stays', async () => {
      const { catalog, announce, hear, clock, taps } = await openParts();
      await announce('kraken');
      hear('tickwire.catalog.kraken', [etherAtKraken]);
      clock.advance(7_200_000);
      expect(catalog.entries).toEqual([etherAtKraken]);
      for (let ms = 0; ms < 3_600_000; ms += 30_000) {
        await announce('binance');
        expect(catalog.entries).toEqual([etherAtKraken]);
        clock.advance(30_000);
      }
      clock.advance(1);
      await announce('binance');
      expect([...taps.keys()]).toEqual(['catalog', 'tickwire.catalog.binance']);
      expect(catalog.entries).toEqual([]);
    });

    it('[G396] a part that is silent while others are not is logged when that begins and ends; after an outage none is', async () => {
      const { announce, hear, clock, lines } = await openParts();
      const follow = async (ms: number, ...parts: readonly string[]): Promise<void> => {
        for (let passed = 0; passed < ms; passed += 2_000) {
          clock.advance(2_000);
          for (const part of parts) await announce(part);
        }
      };
      await follow(4_000, 'binance', 'kraken');
      hear('tickwire.catalog.kraken', [etherAtKraken]);
      await follow(300_000, 'binance', 'kraken');
      clock.advance(7_200_000);
      await follow(60_000, 'binance', 'kraken');
      expect(lines).toEqual([]);
      await follow(300_000, 'binance');
      expect(lines).toEqual([{ part: 'kraken', symbols: 1, silentMs: 76_000 }]);
      await follow(4_000, 'binance', 'kraken');
      expect(lines.slice(1)).toEqual([{ part: 'kraken', symbols: 1 }]);
    });

    it('[E120] a symbol of two parts is that of the first, and logged once', async () => {
      const { catalog, announce, hear, lines } = await openParts();
      hear('catalog', [{ ...bitcoin, priceDecimals: 2 }]);
      await announce('kraken');
      for (let i = 0; i < 3; i += 1) hear('tickwire.catalog.kraken', [bitcoin, etherAtKraken]);
      expect(catalog.entries).toEqual([{ ...bitcoin, priceDecimals: 2 }, etherAtKraken]);
      expect(lines).toEqual([expect.objectContaining({ name: 'sim.BTC-USD', part: 'kraken' })]);
    });

    it('[E120] what is not the name of a part, and the 65th, is not followed; one that cannot be is tried again', async () => {
      const { announce, taps, fail } = await openParts();
      for (const name of ['A', '', 'a.b', 'x'.repeat(33), 7, undefined]) await announce(name);
      expect([...taps.keys()]).toEqual(['catalog']);
      fail(1);
      await announce('part-0');
      expect(taps.size).toBe(1);
      for (let i = 0; i < 70; i += 1) await announce(`part-${i}`);
      expect(taps.size).toBe(65);
    });
  });
});
