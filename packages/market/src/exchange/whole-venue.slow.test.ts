import { afterEach, describe, expect, test } from '@jest/globals';
import { type FakeSymbol, startVirtualFeed, type VirtualFeed } from '../../../../tests/support/exchanges/index.js';
import { createExchangeFeed } from './exchange-feed.js';
import { passedOverPairs } from './passed-over.js';
import { type VenueName, venueNames } from './venues.js';

const listingMs = 60_000;

const listed = (count: number, quote = 'USDT'): readonly FakeSymbol[] =>
  Array.from({ length: count }, (_, i) => ({
    symbol: `S${i}-${quote}`,
    priceDecimals: 2,
    sizeDecimals: 2,
    // The last listed pair is the largest.
    quoteVolume: i,
  }));

describe('a whole venue', () => {
  let rig: VirtualFeed;

  afterEach(() => rig.feed.close());

  const start = async (
    venue: VenueName,
    symbols: readonly string[],
    all: readonly FakeSymbol[],
    prepare: (exchange: VirtualFeed['exchange']) => void = () => {},
  ): Promise<void> => {
    rig = await startVirtualFeed(venue, { listed: all, feed: { symbols, listingMs }, prepare });
  };
  const followed = (): readonly string[] => rig.feed.instruments.map(({ symbol }) => symbol);
  /** A quote shows that a symbol is followed. */
  const isHeard = async (symbol: string): Promise<boolean> => {
    const before = rig.record.events.length;
    rig.exchange.trade(symbol);
    await rig.run(500, 0);
    return rig.record.events.slice(before).some((event) => event.kind === 'trade' && event.trade.symbol === symbol);
  };

  test('[M213] 1,500 symbols of Binance start within its limits, those with the largest volume first', async () => {
    await start('binance', ['*-USDT', 'top:10'], listed(1_500));
    await rig.run(2_500, 0);
    expect(followed().slice(0, 3)).toEqual(['S1499-USDT', 'S1498-USDT', 'S1497-USDT']);
    expect(await isHeard('S1499-USDT')).toBe(true);
    expect(await isHeard('S0-USDT')).toBe(false);
    await rig.run(10_000, 0);
    expect(rig.feed.status().connections).toHaveLength(5);
    for (const symbol of ['S0-USDT', 'S700-USDT', 'S1499-USDT']) expect(await isHeard(symbol)).toBe(true);
    expect(rig.exchange.violations).toEqual([]);
  });

  test.each(venueNames)(
    '[M214] %s: a new listing joins and a delisted symbol ends, without a word from others',
    async (venue) => {
      const quote = venue === 'binance' ? 'USDT' : 'USD';
      await start(venue, [`*-${quote}`], listed(3, quote));
      await rig.run(15_000);
      rig.exchange.list({ symbol: `NEW-${quote}`, priceDecimals: 2, sizeDecimals: 2 });
      await rig.run(listingMs + 15_000);
      expect(followed()).toEqual([...rig.symbols].reverse().concat(`NEW-${quote}`));
      expect(rig.feed.status().connections).toHaveLength(1);
      expect(await isHeard(`NEW-${quote}`)).toBe(true);

      rig.exchange.delist(`S1-${quote}`);
      await rig.run(2 * listingMs + 15_000, 0);
      expect(followed()).not.toContain(`S1-${quote}`);
      expect(rig.record.stateEvents(`S1-${quote}`).at(-1)).toMatchObject({
        state: 'down',
        reason: `${venue} does not list it any more`,
      });
      expect(rig.notices.filter(({ kind }) => kind === 'listing-changed')).toMatchObject([
        { joined: 1, left: 0, symbols: 4 },
        { joined: 0, left: 1, symbols: 3 },
      ]);
      for (const symbol of [`S0-${quote}`, `S2-${quote}`])
        expect(rig.record.faultsOf(symbol, rig.exchange)).toEqual([]);
      expect(rig.exchange.violations).toEqual([]);
    },
  );

  test('[M330] what a pattern passes over because of its name is reported once, and again when there is more', async () => {
    const odd = (symbol: string): FakeSymbol => ({ symbol, priceDecimals: 2, sizeDecimals: 2 });
    await start(
      'binance',
      ['*-USDT'],
      [...listed(2), odd('B\u00dcR-USDT'), odd(`${'A'.repeat(86)}-USDT`), odd('\u00dcX-EUR')],
    );
    const passed = () => rig.notices.filter(({ kind }) => kind === 'passed-over');
    await rig.run(3 * listingMs, 0);
    expect(followed()).toEqual(['S1-USDT', 'S0-USDT']);
    const reason = 'channels cannot have their names: only A-Z and 0-9, at most 49 characters';
    const first = { venue: 'binance', kind: 'passed-over', count: 2, reason };
    expect(passed()).toEqual([{ ...first, examples: ['B\u00dcRUSDT', `${'A'.repeat(86)}USDT`] }]);
    rig.exchange.list(odd('aX-USDT'));
    await rig.run(3 * listingMs, 0);
    expect(passed().slice(1)).toMatchObject([{ count: 3 }]);
  });

  test('[M330] with a given list too, and `top` only what would be among the largest', () => {
    const pair = (symbol: string) => ({ symbol, name: symbol.replace('-', '') });
    const market = {
      listed: ['A-USDT', '\u00dcB-USDT', '\u00dcC-USDT', 'D-EUR'].map(pair),
      volumes: new Map([
        ['A-USDT', 3],
        ['\u00dcB-USDT', 2],
        ['\u00dcC-USDT', 1],
      ]),
    };
    const passed = (word: string) => passedOverPairs([word], market).map(({ symbol }) => symbol);
    expect([passed('top:1'), passed('top:2'), passed('\u00dcB-USDT')]).toEqual([[], ['\u00dcB-USDT'], []]);
    expect([passed('*-USDT'), passed('*-EUR'), passed('*-*')].map(({ length }) => length)).toEqual([2, 0, 2]);
  });

  test('[M213] with a given list its instruments are known before the start', () => {
    const listing = ['A-USDT', 'B-USDT', 'C-EUR'].map((symbol) => ({ symbol, name: symbol }));
    const volumes = new Map([['B-USDT', 1]]);
    const feed = createExchangeFeed({ venue: 'binance', symbols: ['C-EUR', '*-USDT'], listing, volumes });
    expect(feed.instruments.map(({ symbol }) => symbol)).toEqual(['C-EUR', 'B-USDT', 'A-USDT']);
  });

  test('[M213] if the list is unreachable at the start, patterns are followed once it is read', async () => {
    await start('binance', ['top:2'], listed(5), ({ faults }) => {
      faults.rest = 'down';
    });
    await rig.run(5_000, 0);
    expect(followed()).toEqual([]);
    rig.exchange.faults.rest = 'fine';
    await rig.run(60_000, 0);
    expect(followed()).toEqual(['S4-USDT', 'S3-USDT']);
    const about = rig.notices.filter(({ kind }) => kind.startsWith('list'));
    // Its end is reported too.
    expect(about.at(-1)).toEqual({ venue: 'binance', kind: 'listed', symbols: 2 });
    expect(new Set(about.slice(0, -1).map(({ kind }) => kind))).toEqual(new Set(['listing-failed']));
  });
});
