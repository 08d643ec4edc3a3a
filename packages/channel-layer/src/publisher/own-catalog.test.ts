import { expect, test } from '@jest/globals';
import { openOwnCatalog } from './own-catalog.js';

type Listener = Parameters<Parameters<typeof openOwnCatalog>[0]['tap']>[1];

test('[G184] gateways list the same channel of a symbol, whoever hears of which first', async () => {
  const listeners: Listener[] = [];
  let published = 0;
  const options: Parameters<typeof openOwnCatalog>[0] = {
    tap: async (_, listener) => {
      listeners.push(listener);
      return () => {};
    },
    publisher: {
      publish: async (_, message) => {
        published += 1;
        const seq = published;
        for (const listener of listeners)
          listener({ message: { ...message, seq, epoch: 'e' } } as Parameters<Listener>[0]);
        return { outcome: 'published', position: { epoch: 'e', seq } };
      },
    },
    log: { failed() {}, worked() {} },
    onFull() {},
  };
  const [one, two] = await Promise.all([openOwnCatalog(options), openOwnCatalog(options)]);
  const name = { venue: 'mine', symbol: 'BTC-USD' };
  one.add({ ...name, own: { ticker: 'prices.b' } });
  two.add({ ...name, own: { ticker: 'prices.a' } });
  two.add({ ...name, own: { trade: 'trade.mine.BTC-USD' } });
  one.add({ ...name, own: { trade: 'deals' } });
  // A gateway of before names no channel.
  for (const listener of listeners) {
    const symbols = [name, { venue: 'mine', symbol: 'ETH-USD' }];
    listener({ message: { type: 'feed.catalog', symbols } } as unknown as Parameters<Listener>[0]);
  }
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const expected = [
    { ...name, own: { ticker: 'prices.a', trade: 'trade.mine.BTC-USD' } },
    { venue: 'mine', symbol: 'ETH-USD', own: {} },
  ];
  expect([one.entries, two.entries]).toEqual([expected, expected]);
  expect(published).toBeLessThan(20);
  one.add({ ...name, own: { ticker: 'ticker.mine.BTC-USD' } });
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(two.entries[0]?.own?.ticker).toBe('ticker.mine.BTC-USD');
});

test('[L235] symbols beyond a thousand are not listed, are counted, and the first is reported', async () => {
  const full: unknown[] = [];
  const catalog = await openOwnCatalog({
    tap: async () => () => {},
    publisher: { publish: async () => ({ outcome: 'published', position: { epoch: 'e', seq: 1 } }) },
    log: { failed() {}, worked() {} },
    onFull: ({ symbol }, listed) => full.push([symbol, listed]),
  });
  const add = (at: number): void =>
    catalog.add({ venue: 'mine', symbol: `S${at}-USD`, own: { ticker: `prices.${at}` } });
  for (let at = 0; at < 1_000; at += 1) add(at);
  expect([full, catalog.unlisted]).toEqual([[], 0]);
  for (let round = 0; round < 3; round += 1) for (let at = 990; at < 1_005; at += 1) add(at);
  expect([full, catalog.unlisted, catalog.entries.length]).toEqual([[['S1000-USD', 1_000]], 5, 1_000]);
  for (let at = 0; at < 3_000; at += 1) add(at);
  expect([full.length, catalog.unlisted]).toEqual([1, 1_000]);
});

test('[L266] a list that nobody has sent for a minute is sent again with the next price', async () => {
  let nowMs = 0;
  let published = 0;
  let listener: Listener | undefined;
  const catalog = await openOwnCatalog({
    tap: async (_, each) => {
      listener = each;
      return () => {};
    },
    publisher: {
      publish: async () => {
        published += 1;
        return { outcome: 'published', position: { epoch: 'e', seq: published } };
      },
    },
    log: { failed() {}, worked() {} },
    onFull() {},
    now: () => nowMs,
  });
  const symbol = { venue: 'mine', symbol: 'BTC-USD', own: { ticker: 'prices.a' } };
  const addAt = async (ms: number): Promise<number> => {
    nowMs = ms;
    catalog.add(symbol);
    await catalog.settled();
    return published;
  };
  expect(await addAt(0)).toBe(1);
  expect(await addAt(59_999)).toBe(1);
  expect(await addAt(60_000)).toBe(2);
  nowMs = 90_000;
  listener?.({ message: { type: 'feed.catalog', symbols: [symbol] } });
  expect(await addAt(149_999)).toBe(2);
  expect(await addAt(150_000)).toBe(3);
  expect(catalog.isAnnounced).toBe(true);
});
