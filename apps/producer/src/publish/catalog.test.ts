import { describe, expect, it } from '@jest/globals';
import { createMemoryHistory, type Message } from '@tickwire/channel-layer';
import type { CatalogEntry } from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import { createCatalog } from './catalog.js';

const entry = (symbol: string): CatalogEntry => ({ venue: 'sim', symbol });

const open = (part: string | undefined, symbols: string[], isLeading = false) => {
  const clock = createManualClock();
  const history = createMemoryHistory({ publish: () => {} });
  const lines: string[] = [];
  const published: string[] = [];
  const passed: Message[] = [];
  const log = (fields: unknown, text?: string): void => void lines.push(text ?? String(fields));
  const catalog = createCatalog({
    publisher: {
      publish: (group) => void published.push(group),
      pass: (_group, message) => void passed.push(message),
    },
    history,
    logger: { info: log, warn: log },
    part,
    entries: () => symbols.map(entry),
    isLeading: () => isLeading,
    clock,
  });
  let seq = 0;
  const lead = (group: string, fields: object) => {
    seq += 1;
    const message = { type: 'feed.catalog', seq, epoch: 'e', ...fields };
    return history.append([{ group, epoch: 'e', firstSeq: seq, messages: [message] }], 1);
  };
  return { catalog, clock, lines, published, passed, lead, symbols };
};

describe('the catalog of a part', () => {
  it('[P180] is published on the group of the part, which is announced only if the part has a name', async () => {
    for (const [part, group, announced] of [
      ['kraken', 'tickwire.catalog.kraken', [{ type: 'feed.part', part: 'kraken' }]],
      [undefined, 'catalog', []],
    ] as const) {
      const { catalog, clock, published, passed } = open(part, ['BTC-USD'], true);
      await catalog.start();
      catalog.publish();
      clock.advance(2_000);
      expect([published, passed]).toEqual([[group], announced]);
    }
  });

  it('[P180] is published every half minute and on each change, only by the leader, until it is closed', async () => {
    const { catalog, clock, published, symbols } = open(undefined, ['BTC-USD'], true);
    await catalog.start();
    catalog.publish();
    clock.advance(29_999);
    expect(published).toHaveLength(1);
    clock.advance(1);
    expect(published).toHaveLength(2);
    symbols.push('ETH-USD');
    clock.advance(5_000);
    expect(published).toHaveLength(3);
    catalog.close();
    clock.advance(100_000);
    expect(published).toHaveLength(3);
    const standby = open('kraken', ['BTC-USD']);
    await standby.catalog.start();
    standby.clock.advance(100_000);
    expect([standby.published, standby.passed]).toEqual([[], []]);
  });

  it('[P180] does not count as published if only another part is', async () => {
    const { catalog, lead } = open('kraken', ['BTC-USD']);
    await lead('catalog', { symbols: [entry('ETH-USD')] });
    expect(await catalog.isPublished()).toBe(false);
    await catalog.start();
    expect(catalog.difference).toBeUndefined();
  });

  it('[P181] reports once how it differs from that of the leader, and once that it no longer does', async () => {
    const { catalog, clock, lead, lines, symbols } = open(undefined, ['BTC-USD', 'A-USD']);
    const compare = async () => {
      clock.advance(10_000);
      await new Promise(setImmediate);
    };
    await lead('catalog', { symbols: ['BTC-USD', 'B-USD', 'C-USD', 'D-USD', 'E-USD'].map(entry) });
    await catalog.start();
    await compare();
    const difference =
      'the feed is not that of the leader: without sim B-USD, sim C-USD, sim D-USD and 1 more, and with sim A-USD';
    expect(catalog.difference).toBe(difference);
    expect(lines).toEqual([difference]);
    await lead('catalog', { symbols: 'none' });
    await compare();
    expect(catalog.difference).toBe(difference);
    symbols.splice(0, 2, 'ETH-USD', 'BTC-USD');
    await lead('catalog', { symbols: ['BTC-USD', 'ETH-USD'].map(entry) });
    await compare();
    expect(catalog.difference).toBeUndefined();
    const [unread, readAgain] = [
      "the leader's catalog cannot be read: feeds are not compared",
      "the leader's catalog can be read again",
    ];
    expect(lines).toEqual([difference, unread, readAgain, 'the feed is that of the leader again']);
  });
});
