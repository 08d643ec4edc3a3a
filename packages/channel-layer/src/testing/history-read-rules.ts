import { describe, expect, test } from '@jest/globals';
import { batchOf, type OpenHistory, publications, seqsOf, wholeRange } from './history-harness.js';

export const readRules = (open: OpenHistory): void => {
  describe('bounds', () => {
    test('[H16] exactly the newest historySize messages are kept', async () => {
      await using harness = await open({ historySize: 250 });
      const { history } = harness;
      await history.append([batchOf('quotes', 'e1', 1, 249)], 1);
      expect(seqsOf((await history.newest(['quotes'], 1_000))[0]?.messages ?? [])).toHaveLength(249);
      await history.append([batchOf('quotes', 'e1', 250, 151)], 1);

      const [range] = await history.newest(['quotes'], 1_000);
      expect(range?.messages).toEqual(publications('e1', 151, 250));
      expect(range?.position).toEqual({ epoch: 'e1', seq: 400 });
      await history.append([batchOf('quotes', 'e1', 401, 600)], 1);
      expect((await history.newest(['quotes'], 1_000))[0]?.messages).toEqual(publications('e1', 751, 250));
    });

    test('[H17] messages are dropped together after historyTtlMs without an append; the position stays', async () => {
      await using harness = await open({ historyTtlMs: 60_000 });
      const { history } = harness;
      await history.append([batchOf('quotes', 'e1', 1, 3)], 4);
      await harness.elapse(60_000);

      const position = { epoch: 'e1', seq: 3 };
      expect(await history.read('quotes', wholeRange)).toEqual({ group: 'quotes', position, messages: [] });
      expect(await history.newest(['quotes'], 5)).toEqual([{ group: 'quotes', position, messages: [] }]);
      expect(await history.append([batchOf('quotes', 'e1', 4, 1)], 3)).toMatchObject([{ outcome: 'fenced' }]);
      expect(await history.append([batchOf('quotes', 'e1', 1, 3)], 4)).toMatchObject([
        { outcome: 'appended', position },
      ]);
      await history.append([batchOf('quotes', 'e1', 4, 2)], 4);
      expect((await history.newest(['quotes'], 5))[0]?.messages).toEqual(publications('e1', 4, 2));
      expect((await history.read('quotes', wholeRange)).messages).toEqual([]);
    });

    test('[H17] a position is forgotten after positionTtlMs, and its messages with it', async () => {
      await using harness = await open({ historyTtlMs: 600_000, positionTtlMs: 60_000 });
      const { history } = harness;
      await history.append([batchOf('quotes', 'e1', 1, 3)], 4);
      await harness.elapse(60_000);
      expect(await history.newest(['quotes'], 5)).toEqual([{ group: 'quotes', position: null, messages: [] }]);

      expect(await history.append([batchOf('quotes', 'e1', 4, 1)], 4)).toMatchObject([{ outcome: 'mismatch' }]);
      await history.append([batchOf('quotes', 'e2', 1, 1)], 1);
      expect((await history.newest(['quotes'], 5))[0]?.messages).toEqual(publications('e2', 1, 1));
    });

    test.each([{ historySize: 0 }, { historyTtlMs: -1 }, { positionTtlMs: 1.5 }])(
      '[H14] a bound of %j is rejected at once',
      async (bounds) => {
        await expect(open(bounds)).rejects.toMatchObject({ code: 'INVALID_HISTORY_REQUEST' });
      },
    );
  });

  describe('read', () => {
    test.each([
      { afterSeq: 10, limit: 100, seqs: [11, 12, 13, 14, 15, 16, 17, 18, 19, 20] },
      { afterSeq: 10, limit: 3, seqs: [11, 12, 13] },
      { afterSeq: 15, limit: 5, seqs: [16, 17, 18, 19, 20] },
      { afterSeq: 19, limit: 5, seqs: [20] },
      { afterSeq: 12, limit: 0, seqs: [] },
      { afterSeq: 12, limit: 1, seqs: [13] },
    ])('[H18] after $afterSeq, at most $limit: $seqs', async ({ afterSeq, limit, seqs }) => {
      await using harness = await open({ historySize: 10 });
      await harness.history.append([batchOf('quotes', 'e1', 1, 20)], 1);
      const range = await harness.history.read('quotes', { afterSeq, limit });
      expect(range.position).toEqual({ epoch: 'e1', seq: 20 });
      expect(seqsOf(range.messages)).toEqual(seqs);
    });

    test.each([
      ['the next one is no longer held', 9],
      ['nothing was ever read', 0],
      ['the reader is at the position', 20],
      ['the reader is ahead of the position', 25],
    ])('[H19] nothing is handed out when %s', async (_case, afterSeq) => {
      await using harness = await open({ historySize: 10 });
      await harness.history.append([batchOf('quotes', 'e1', 1, 20)], 1);
      const range = await harness.history.read('quotes', { afterSeq, limit: 100 });
      expect(range).toEqual({ group: 'quotes', position: { epoch: 'e1', seq: 20 }, messages: [] });
    });

    test('[H20] a group that was never written to has no position', async () => {
      await using harness = await open();
      const none = { group: 'quotes', position: null, messages: [] };
      expect(await harness.history.read('quotes', wholeRange)).toEqual(none);
      expect(await harness.history.newest(['quotes'], 3)).toEqual([none]);
    });

    test('[H21] newest returns each group in the requested order, oldest message first', async () => {
      await using harness = await open({ historySize: 4 });
      const { history } = harness;
      await history.append([batchOf('a', 'e1', 1, 9), batchOf('b', 'e2', 1, 2)], 1);

      const ranges = await history.newest(['b', 'unknown', 'a', 'b'], 3);
      const b = { group: 'b', position: { epoch: 'e2', seq: 2 }, messages: publications('e2', 1, 2) };
      expect(ranges).toEqual([
        b,
        { group: 'unknown', position: null, messages: [] },
        { group: 'a', position: { epoch: 'e1', seq: 9 }, messages: publications('e1', 7, 3) },
        b,
      ]);
      expect((await history.newest(['a'], 100))[0]?.messages).toEqual(publications('e1', 6, 4));
      expect(await history.newest(['b'], 0)).toEqual([{ ...b, messages: [] }]);
      expect(await history.newest([], 3)).toEqual([]);
    });

    test.each([
      { afterSeq: -1, limit: 1 },
      { afterSeq: 0.5, limit: 1 },
      { afterSeq: 0, limit: -1 },
      { afterSeq: 0, limit: Number.POSITIVE_INFINITY },
    ])('[H14] a range of %j is rejected', async (range) => {
      await using harness = await open();
      const invalid = { code: 'INVALID_HISTORY_REQUEST' };
      await expect(harness.history.read('quotes', range)).rejects.toMatchObject(invalid);
      await expect(harness.history.newest(['quotes'], -1)).rejects.toMatchObject(invalid);
    });
  });
};
