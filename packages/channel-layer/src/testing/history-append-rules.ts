import { describe, expect, test } from '@jest/globals';
import type { HistoryRange } from '../history.js';
import {
  batchOf,
  type HistoryTraits,
  heardOn,
  type OpenHistory,
  publication,
  publications,
  seqsOf,
  wholeRange,
} from './history-harness.js';

export const appendRules = (open: OpenHistory, { isCluster = false }: HistoryTraits = {}): void => {
  describe('append', () => {
    test('[H1] a message can be read back before any reader receives it', async () => {
      await using harness = await open();
      const seen: Promise<HistoryRange>[] = [];
      await harness.listen('quotes', (message) => {
        seen.push(harness.history.read('quotes', { afterSeq: Number(message['seq']) - 1, limit: 1 }));
      });
      for (const firstSeq of [1, 4, 7]) await harness.history.append([batchOf('quotes', 'e1', firstSeq, 3)], 1);
      await harness.settled();

      const ranges = await Promise.all(seen);
      expect(ranges.map(({ messages }) => messages)).toEqual(publications('e1', 1, 9).map((message) => [message]));
      for (const [index, range] of ranges.entries()) expect(range.position?.seq).toBeGreaterThan(index);
    });

    test('[H2] messages are heard once, in the order given, through all groups of a call', async () => {
      await using harness = await open();
      const heard: unknown[] = [];
      for (const group of ['a', 'b']) await harness.listen(group, ({ body }) => heard.push(body));
      const batches = [batchOf('b', 'e1', 1, 2), batchOf('a', 'e2', 1, 3), batchOf('unheard', 'e3', 1, 1)];
      await harness.history.append(batches, 1);
      await harness.settled();
      // In a cluster the two groups are on two servers; the sort keeps the order within each.
      if (isCluster) heard.sort((one, other) => String(one).slice(0, 2).localeCompare(String(other).slice(0, 2)));
      expect(heard).toEqual(['e1/1', 'e1/2', 'e2/1', 'e2/2', 'e2/3']);
    });

    test('[H3] each batch of a call has its own result, in the order of the batches', async () => {
      await using harness = await open();
      const { history } = harness;
      await history.append([batchOf('newer', 'e1', 1, 1)], 9);
      await history.append([batchOf('other', 'e1', 1, 2), batchOf('behind', 'e1', 1, 2)], 3);
      const heard = await heardOn(harness, 'fine');

      const results = await history.append(
        [
          batchOf('newer', 'e1', 2, 1),
          batchOf('other', 'e2', 1, 1),
          batchOf('fine', 'e1', 1, 2),
          batchOf('behind', 'e1', 4, 1),
          batchOf('nothing', 'e1', 4, 1),
        ],
        3,
      );

      expect(results).toEqual([
        { group: 'newer', outcome: 'fenced', fence: 9 },
        { group: 'other', outcome: 'mismatch', position: { epoch: 'e1', seq: 2 } },
        { group: 'fine', outcome: 'appended', position: { epoch: 'e1', seq: 2 } },
        { group: 'behind', outcome: 'mismatch', position: { epoch: 'e1', seq: 2 } },
        { group: 'nothing', outcome: 'mismatch', position: null },
      ]);
      await harness.settled();
      expect(seqsOf(heard)).toEqual([1, 2]);
      expect(await history.append([], 3)).toEqual([]);
    });

    test('[H4] an empty group begins at 1, or at the position of a reset', async () => {
      await using harness = await open();
      const { history } = harness;
      const [late] = await history.append([batchOf('quotes', 'e1', 500, 2)], 1);
      expect(late).toEqual({ group: 'quotes', outcome: 'mismatch', position: null });
      expect(await history.read('quotes', wholeRange)).toEqual({ group: 'quotes', position: null, messages: [] });

      const [first] = await history.append([batchOf('quotes', 'e1', 1, 2)], 1);
      expect(first).toEqual({ group: 'quotes', outcome: 'appended', position: { epoch: 'e1', seq: 2 } });
      const [reset] = await history.append([batchOf('trades', 'e1', 500, 2, true)], 1);
      expect(reset).toEqual({ group: 'trades', outcome: 'appended', position: { epoch: 'e1', seq: 501 } });
      expect(seqsOf((await history.read('trades', { afterSeq: 499, limit: 9 })).messages)).toEqual([500, 501]);
    });

    test.each([
      ['[H5] a hole is rejected', batchOf('quotes', 'e1', 5, 2)],
      ['[H6] another epoch is rejected, also at its beginning', batchOf('quotes', 'e2', 1, 1)],
      ['[H6] another epoch is rejected, also in step', batchOf('quotes', 'e2', 4, 1)],
    ])('%s with the stored position; nothing is written or heard', async (_rule, batch) => {
      await using harness = await open();
      const { history } = harness;
      await history.append([batchOf('quotes', 'e1', 1, 3)], 1);
      const heard = await heardOn(harness, 'quotes');

      const position = { epoch: 'e1', seq: 3 };
      expect(await history.append([batch], 1)).toEqual([{ group: 'quotes', outcome: 'mismatch', position }]);
      expect(await history.read('quotes', wholeRange)).toEqual({
        group: 'quotes',
        position,
        messages: publications('e1', 1, 3),
      });
      await harness.settled();
      expect(heard).toEqual([]);
    });

    test.each([3, 6, 50])(
      '[H7] a reset drops what was there and begins its epoch at firstSeq (%i)',
      async (firstSeq) => {
        await using harness = await open();
        const { history } = harness;
        await history.append([batchOf('quotes', 'e1', 1, 5)], 1);
        const heard = await heardOn(harness, 'quotes');

        const [result] = await history.append([batchOf('quotes', 'e2', firstSeq, 2, true)], 1);
        const position = { epoch: 'e2', seq: firstSeq + 1 };
        const messages = publications('e2', firstSeq, 2);
        expect(result).toEqual({ group: 'quotes', outcome: 'appended', position });
        expect(await history.newest(['quotes'], 10)).toEqual([{ group: 'quotes', position, messages }]);
        expect((await history.read('quotes', wholeRange)).messages).toEqual([]);
        await harness.settled();
        expect(heard).toEqual(messages);
      },
    );

    test('[H8] a reset to the stored epoch is an ordinary append: repeated, it neither drops nor doubles anything', async () => {
      await using harness = await open();
      const { history } = harness;
      await history.append([batchOf('quotes', 'e0', 1, 2)], 1);
      const heard = await heardOn(harness, 'quotes');
      const reset = batchOf('quotes', 'e1', 1, 3, true);
      await history.append([reset], 1);
      await history.append([batchOf('quotes', 'e1', 4, 1)], 1);

      expect(await history.append([reset], 1)).toEqual([
        { group: 'quotes', outcome: 'appended', position: { epoch: 'e1', seq: 4 } },
      ]);
      const [hole] = await history.append([batchOf('quotes', 'e1', 9, 1, true)], 1);
      expect(hole?.outcome).toBe('mismatch');
      expect((await history.read('quotes', wholeRange)).messages).toEqual(publications('e1', 1, 4));
      await harness.settled();
      expect(heard).toEqual(publications('e1', 1, 4));
    });

    test('[H9] a repeat is neither stored nor heard again; its new messages are', async () => {
      await using harness = await open();
      const { history } = harness;
      const heard = await heardOn(harness, 'quotes');
      await history.append([batchOf('quotes', 'e1', 1, 4)], 1);

      for (const [firstSeq, count, seq] of [
        [1, 4, 4],
        [2, 1, 4],
        [3, 4, 6],
        [1, 2, 6],
      ] as const) {
        expect(await history.append([batchOf('quotes', 'e1', firstSeq, count)], 1)).toEqual([
          { group: 'quotes', outcome: 'appended', position: { epoch: 'e1', seq } },
        ]);
      }
      expect((await history.read('quotes', wholeRange)).messages).toEqual(publications('e1', 1, 6));
      await harness.settled();
      expect(heard).toEqual(publications('e1', 1, 6));
    });

    test('[H13] a group that appears twice in a call is written as in two calls', async () => {
      await using harness = await open();
      const { history } = harness;
      const results = await history.append(
        [
          batchOf('quotes', 'e1', 1, 2),
          batchOf('quotes', 'e1', 3, 2),
          batchOf('quotes', 'e1', 9, 1),
          batchOf('quotes', 'e2', 1, 2, true),
          batchOf('quotes', 'e2', 2, 2),
        ],
        1,
      );
      expect(results.map(({ outcome }) => outcome)).toEqual([
        'appended',
        'appended',
        'mismatch',
        'appended',
        'appended',
      ]);
      expect(await history.read('quotes', wholeRange)).toEqual({
        group: 'quotes',
        position: { epoch: 'e2', seq: 3 },
        messages: publications('e2', 1, 3),
      });
    });

    test.each([
      ['a firstSeq of 0', [batchOf('quotes', 'e1', 0, 1)], 1],
      ['a broken firstSeq', [batchOf('quotes', 'e1', 1.5, 1)], 1],
      ['an empty epoch', [batchOf('quotes', '', 1, 1)], 1],
      ['a message of another seq', [{ ...batchOf('quotes', 'e1', 1, 1), messages: publications('e1', 2, 1) }], 1],
      ['a message of another epoch', [{ ...batchOf('quotes', 'e1', 1, 1), messages: publications('e2', 1, 1) }], 1],
      [
        'a message that cannot be encoded',
        [{ ...batchOf('quotes', 'e1', 1, 1), messages: [{ ...publication('e1', 1), at: new Date(0) }] }],
        1,
        'INVALID_MESSAGE',
      ],
      ['a name that is not a group name', [batchOf('quo{tes}', 'e1', 1, 1)], 1, 'INVALID_NAME'],
      ['no token', [batchOf('quotes', 'e1', 1, 1)], Number.NaN],
    ])('[H14] %s rejects the whole call', async (_case, batches, fence, code = 'INVALID_HISTORY_REQUEST') => {
      await using harness = await open();
      const { history } = harness;
      await expect(history.append([batchOf('fine', 'e1', 1, 1), ...batches], fence)).rejects.toMatchObject({ code });
      for (const { position } of await history.newest(['fine', 'quotes'], 1)) expect(position).toBeNull();
    });

    test('[H15] seq and token are exact up to 2^53 - 1', async () => {
      await using harness = await open();
      const { history } = harness;
      const top = Number.MAX_SAFE_INTEGER;
      const [first] = await history.append([batchOf('quotes', 'e1', top - 3, 2, true)], top - 1);
      expect(first).toMatchObject({ outcome: 'appended', position: { seq: top - 2 } });
      const [second] = await history.append([batchOf('quotes', 'e1', top - 1, 1)], top);
      expect(second).toMatchObject({ outcome: 'appended', position: { seq: top - 1 } });
      const [late] = await history.append([batchOf('quotes', 'e1', top, 0)], top - 1);
      expect(late).toEqual({ group: 'quotes', outcome: 'fenced', fence: top });
      const { messages } = await history.read('quotes', { afterSeq: top - 3, limit: 5 });
      expect(seqsOf(messages)).toEqual([top - 2, top - 1]);
    });
  });
};
