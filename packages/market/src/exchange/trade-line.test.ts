import { describe, expect, test } from '@jest/globals';
import type { Trade } from '@tickwire/protocol';
import { testSeed } from '../../../../tests/support/depth.js';
import type { FeedEvent } from '../feed.js';
import { createRandom } from '../simulated/random.js';
import { createTradeLine, type TradeLine } from './trade-line.js';

const instrument = { venue: 'binance', symbol: 'BTC-USDT' };
const start = Date.UTC(2024, 0, 1);

const trade = (id: number, ts = start + id): Trade => ({
  type: 'price.trade',
  ...instrument,
  ts,
  rts: ts + 5,
  id: String(id),
  price: '10.5',
  size: '1',
  side: 'buy',
});

/** `3`, or `3..7` for a gap between the two. */
const short = (events: readonly FeedEvent[]): string[] =>
  events.flatMap((event) => {
    if (event.kind === 'trade') return [event.trade.id];
    return event.kind === 'gap' ? [`${event.gap.afterId}..${event.gap.beforeId ?? ''}`] : [];
  });

const add = (line: TradeLine, ...ids: number[]): string[] => {
  const out: FeedEvent[] = [];
  for (const id of ids) line.add(trade(id), out);
  return short(out);
};

const giveUp = (line: TradeLine): string[] => {
  const out: FeedEvent[] = [];
  line.giveUp(start, out);
  return short(out);
};

describe('a line of trades', () => {
  test('[M76] trades in order pass at once, from whatever id they begin', () => {
    expect(add(createTradeLine(instrument), 500, 501, 502)).toEqual(['500', '501', '502']);
  });

  test('[M76] trades behind a hole wait until it is filled', () => {
    const line = createTradeLine(instrument);
    expect(add(line, 1, 4, 3, 6)).toEqual(['1']);
    expect(line.hole).toEqual({ afterId: 1, beforeId: 3 });
    expect(line.newestId).toBe(6);
    expect(add(line, 2)).toEqual(['2', '3', '4']);
    expect(line.hole).toEqual({ afterId: 4, beforeId: 6 });
  });

  test('[M76] each hole that is given up becomes a gap in its place', () => {
    const line = createTradeLine(instrument);
    expect(add(line, 1, 3, 4, 8)).toEqual(['1']);
    expect(giveUp(line)).toEqual(['1..3', '3', '4', '4..8', '8']);
    expect(line.hole).toBeUndefined();
    expect(add(line, 9)).toEqual(['9']);
    expect(line.counters).toMatchObject({ gaps: 2, missing: 4 });
  });

  test('[M216] an unusable trade becomes a gap in its place, at once', () => {
    const line = createTradeLine(instrument);
    const lose = (...ids: number[]): string[] => {
      const out: FeedEvent[] = [];
      for (const id of ids) line.lose(id, start, out);
      return short(out);
    };
    expect(lose(1)).toEqual([]);
    expect(add(line, 1)).toEqual(['1']);
    expect(lose(2)).toEqual(['1..3']);
    expect(line.hole).toBeUndefined();
    expect(add(line, 3)).toEqual(['3']);
    // Behind a hole it waits like any other trade; the trades of the hole may still arrive.
    expect(lose(5, 6)).toEqual([]);
    expect(line.hole).toEqual({ afterId: 3, beforeId: 7 });
    expect(add(line, 7, 4)).toEqual(['4', '4..7', '7']);
    expect(lose(8, 9)).toEqual(['7..9', '8..10']);
    // A trade that arrived is not lost, and an id far ahead is not believed of a damaged trade.
    expect(add(line, 12)).toEqual([]);
    expect(lose(12, 3, 9, 5_000)).toEqual([]);
    expect(add(line, 10, 11)).toEqual(['10', '11', '12']);
    expect(line.counters).toMatchObject({ gaps: 4, missing: 5 });
    expect(lose(15)).toEqual([]);
    expect(giveUp(line)).toEqual(['12..16']);
    expect(add(line, 16)).toEqual(['16']);
  });

  test('[M80] a trade that was emitted, is held, or comes after its gap, is dropped and counted', () => {
    const line = createTradeLine(instrument);
    expect(add(line, 1, 2, 2, 1, 5, 5)).toEqual(['1', '2']);
    giveUp(line);
    expect(add(line, 3, 4, 6)).toEqual(['6']);
    expect(line.counters.duplicates).toBe(5);
  });

  test('[M80] ids that start over are followed, after a gap', () => {
    const line = createTradeLine(instrument);
    add(line, 900, 901);
    const out: FeedEvent[] = [];
    // An old trade again, then new ones under small ids.
    line.add(trade(900), out);
    for (const id of [5, 6, 7, 8]) line.add(trade(id, start + 10_000 + id), out);
    expect(short(out)).toEqual(['901..', '5', '6', '7', '8']);
    expect(line.counters.restarts).toBe(1);
  });

  test.each([
    ['after others behind it', [start + 902, start + 3_600_000, start + 904]],
    ['as the newest', [start + 902, start + 903, start + 3_600_000]],
  ])('[M332] ids that start over are followed although one trade was an hour ahead, %s', (_, times) => {
    const line = createTradeLine(instrument);
    add(line, 900, 901);
    const out: FeedEvent[] = [];
    for (const [at, ts] of times.entries()) line.add({ ...trade(902 + at, ts), rts: start + 902 + at }, []);
    expect(line.last?.ts).toBeLessThan(start + 1_000);
    for (const id of [5, 6, 7, 8]) line.add(trade(id, start + 10_000 + id), out);
    expect(short(out)).toEqual(['904..', '5', '6', '7', '8']);
  });

  test('[M332] [M80] duplicates stay duplicates after our clock was set back an hour', () => {
    const line = createTradeLine(instrument);
    add(line, 900, 901);
    const now: Trade[] = [];
    for (let id = 902; id < 910; id += 1) now.push({ ...trade(id, start + id * 20), rts: start + id * 20 - 3_600_000 });
    const out: FeedEvent[] = [];
    for (let round = 0; round < 3; round += 1) for (const each of now) line.add(each, out);
    expect([short(out).length, line.counters.restarts]).toEqual([8, 0]);
  });

  test('[M332] [M80] after a pause duplicates are still duplicates', () => {
    const line = createTradeLine(instrument);
    add(line, 900, 901);
    for (const id of [902, 903]) line.add(trade(id, start + 3_600_000 + id), []);
    const out: FeedEvent[] = [];
    for (let round = 0; round < 3; round += 1)
      for (const id of [902, 903]) line.add(trade(id, start + 3_600_000 + id), out);
    expect([out, line.counters.restarts, line.counters.duplicates]).toEqual([[], 0, 6]);
  });

  test('[M80] a single trade with an old id and a new time changes nothing', () => {
    const line = createTradeLine(instrument);
    add(line, 900, 901);
    const out: FeedEvent[] = [];
    line.add(trade(5, start + 10_000), out);
    line.add(trade(902), out);
    line.add(trade(6, start + 20_000), out);
    line.add(trade(7, start + 20_000), out);
    expect(short(out)).toEqual(['902']);
  });

  test('[M81] a hole that is too wide, or has too many trades behind it, is given up at once', () => {
    const wide = createTradeLine({ ...instrument, maxHole: 100 });
    expect(add(wide, 1, 102)).toEqual(['1', '1..102', '102']);
    const full = createTradeLine({ ...instrument, maxHeld: 3 });
    expect(add(full, 1, 3, 4, 5)).toEqual(['1']);
    expect(add(full, 6)).toEqual(['1..3', '3', '4', '5', '6']);
  });

  test('[M82] trades from before the first subscription set the beginning of the line; later ones fill holes', () => {
    const line = createTradeLine(instrument);
    const out: FeedEvent[] = [];
    line.addPast([trade(7), trade(8)], out);
    expect(short(out)).toEqual([]);
    expect(add(line, 9, 12)).toEqual(['9']);
    line.addPast([trade(9), trade(10), trade(11), trade(12), trade(13)], out);
    expect(short(out)).toEqual(['10', '11', '12', '13']);
  });

  test('[M82] a trade that the venue mentions opens a hole without a trade behind it', () => {
    const line = createTradeLine(instrument);
    const out: FeedEvent[] = [];
    line.reveal(50, start, out);
    expect(line.hole).toBeUndefined();
    add(line, 1);
    line.reveal(3, start, out);
    expect(line.hole).toEqual({ afterId: 1, beforeId: 4 });
    expect(add(line, 2)).toEqual(['2']);
    expect(giveUp(line)).toEqual(['2..4']);
    expect(add(line, 4)).toEqual(['4']);
  });

  test('[M76] [M80] however trades are shuffled, lost and repeated, ids increase by one or a gap says why', () => {
    const seed = String(testSeed);
    const random = createRandom(seed);
    for (let round = 0; round < 100; round++) {
      const line = createTradeLine({ ...instrument, maxHeld: 20 });
      const out: FeedEvent[] = [];
      const waiting: Trade[] = [];
      const wrong: string[] = [];
      for (let id = 1; id <= 300; id++) {
        if (id > 1 && random.uniform() < 0.1) continue;
        waiting.push(trade(id));
        if (random.uniform() < 0.1) waiting.push(trade(id));
        while (waiting.length > 0 && random.uniform() < 0.7) {
          const [next] = waiting.splice(id === 1 ? 0 : Math.floor(random.uniform() * waiting.length), 1);
          if (next) line.add(next, out);
        }
        if (random.uniform() < 0.02) line.giveUp(start, out);
      }
      for (const left of waiting) line.add(left, out);
      line.giveUp(start, out);
      let last: number | undefined;
      for (const event of out) {
        const after = event.kind === 'gap' ? Number(event.gap.afterId) : undefined;
        const id = event.kind === 'trade' ? Number(event.trade.id) : undefined;
        if (after !== undefined && after !== last) wrong.push(`gap after ${after}, but ${last} was last`);
        if (id !== undefined && last !== undefined && id !== last + 1) wrong.push(`${id} after ${last}`);
        last = id ?? (event.kind === 'gap' ? Number(event.gap.beforeId) - 1 : last);
      }
      expect([seed, round, wrong]).toEqual([seed, round, []]);
    }
  });
});
