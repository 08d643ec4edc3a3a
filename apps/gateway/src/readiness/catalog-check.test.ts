import { describe, expect, it } from '@jest/globals';
import type { HistoryRange, Message } from '@tickwire/channel-layer';
import { waitFor } from '../../../../tests/support/wait-for.js';
import { createCatalogCheck } from './catalog-check.js';

const readable: Message = { type: 'feed.catalog', symbols: [{ venue: 'sim', symbol: 'BTC-USD' }] };

const openCheck = (known: readonly { readonly venue: string; readonly symbol: string }[], isHeard = () => false) => {
  let answer: Pick<HistoryRange, 'messages' | 'unreadable'> = { messages: [] };
  let reads = 0;
  let unreadable = (): number => 0;
  const lines: string[] = [];
  const log = (_details: object, line: string): void => void lines.push(line);
  const check = createCatalogCheck({
    history: {
      async newest(groups) {
        reads += 1;
        return groups.map((group) => ({ group, position: null, ...answer }));
      },
    },
    catalog: {
      entries: known,
      groups: ['catalog'],
      get isHeard() {
        return isHeard();
      },
    },
    metrics: {
      gauge(_name, _help, read) {
        unreadable = read;
      },
    },
    logger: { warn: log, info: log } as unknown as Parameters<typeof createCatalogCheck>[0]['logger'],
    everyMs: 1,
  });
  return {
    check,
    lines,
    metric: () => unreadable(),
    async finds(next: typeof answer) {
      answer = next;
      const before = reads;
      await waitFor('two more reads', () => reads >= before + 2);
    },
    async reads(count: number) {
      const before = reads;
      await waitFor(`${count} more reads`, () => reads > before + count);
    },
  };
};

describe('the check of catalogs', () => {
  it.each<[string, Pick<HistoryRange, 'messages' | 'unreadable'>]>([
    ['a key of another type', { messages: [], unreadable: 'WRONGTYPE' }],
    ['another form', { messages: [{ type: 'feed.catalog', symbols: { 'BTC-USD': {} } }] }],
    ['another type', { messages: [{ type: 'feed.catalog.v3', symbols: [] }] }],
  ])('[GL262] a gateway that knows no symbol because of %s is not ready, and says so once', async (_what, found) => {
    const { check, lines, metric, finds } = openCheck([]);
    await finds({ messages: [readable] });
    expect([check.reason, metric()]).toEqual([undefined, 0]);
    await finds(found);
    await finds(found);
    expect(check.reason).toMatch(/^symbols cannot be read: catalog: /);
    expect(metric()).toBe(1);
    expect(lines).toEqual(['a list of symbols in Redis cannot be read: those known before stay']);
    await finds({ messages: [{ type: 'feed.part', part: 'kraken' }] });
    expect([check.reason, metric(), lines.length]).toEqual([undefined, 0, 2]);
    check.close();
  });

  it('[GL262] one that knows symbols stays ready; metric and log say it', async () => {
    const { check, lines, metric, finds } = openCheck([{ venue: 'sim', symbol: 'BTC-USD' }]);
    await finds({ messages: [], unreadable: 'WRONGTYPE' });
    expect([check.reason, metric(), lines.length]).toEqual([undefined, 1, 1]);
    check.close();
  });

  it('[G397] where producers are heard and their history stays empty, the gateway is not ready, and says why once', async () => {
    let isHeard = true;
    const { check, lines, finds, reads } = openCheck([{ venue: 'sim', symbol: 'BTC-USD' }], () => isHeard);
    await finds({ messages: [readable] });
    expect(check.reason).toBeUndefined();
    await finds({ messages: [] });
    await reads(15);
    expect(check.reason).toMatch(/^producers are heard, and nothing of theirs is in history: .* REDIS_PREFIX/);
    expect(lines).toEqual(['producers are heard, and nothing of theirs is in history']);
    await finds({ messages: [readable] });
    expect([check.reason, lines.length]).toEqual([undefined, 2]);
    // The producers have ended, and what they kept has expired.
    isHeard = false;
    await finds({ messages: [] });
    await reads(15);
    expect([check.reason, lines.length]).toEqual([undefined, 2]);
    check.close();
  });
});
