import { describe, expect, test } from '@jest/globals';
import { batchOf, heardOn, type OpenHistory, publication, publications, wholeRange } from './history-harness.js';

export const fenceRules = (open: OpenHistory): void => {
  describe('the fence', () => {
    test('[H10] with a newer token an overlap is not a repeat: rejected, so that no message is lost in silence', async () => {
      await using harness = await open();
      const { history } = harness;
      await history.append([batchOf('quotes', 'e1', 1, 4)], 1);
      const own = { group: 'quotes', epoch: 'e1', firstSeq: 4, messages: [publication('e1', 4, 'of another writer')] };

      const position = { epoch: 'e1', seq: 4 };
      expect(await history.append([own], 2)).toEqual([{ group: 'quotes', outcome: 'mismatch', position }]);
      const [next] = await history.append([batchOf('quotes', 'e1', 5, 1)], 2);
      expect(next?.outcome).toBe('appended');
    });

    test.each([
      ['in step', batchOf('quotes', 'e1', 3, 1)],
      ['repeating', batchOf('quotes', 'e1', 2, 1)],
      ['leaving a hole', batchOf('quotes', 'e1', 7, 1)],
      ['with a reset', batchOf('quotes', 'e2', 1, 1, true)],
      ['with no message', batchOf('quotes', 'e1', 3, 0)],
    ])('[H11] a writer with an older token is fenced, %s', async (_case, batch) => {
      await using harness = await open();
      const { history } = harness;
      await history.append([batchOf('quotes', 'e1', 1, 1)], 6);
      await history.append([batchOf('quotes', 'e1', 2, 1)], 7);
      const heard = await heardOn(harness, 'quotes');

      expect(await history.append([batch], 6)).toEqual([{ group: 'quotes', outcome: 'fenced', fence: 7 }]);
      expect((await history.read('quotes', wholeRange)).messages).toEqual(publications('e1', 1, 2));
      await harness.settled();
      expect(heard).toEqual([]);
    });

    test('[H12] a batch without messages claims the group: the older writer is fenced, nothing is heard', async () => {
      await using harness = await open();
      const { history } = harness;
      await history.append([batchOf('quotes', 'e1', 1, 3)], 1);
      const heard = await heardOn(harness, 'quotes');

      expect(await history.append([batchOf('quotes', 'e1', 5, 0)], 2)).toMatchObject([{ outcome: 'mismatch' }]);
      expect(await history.append([batchOf('quotes', 'e1', 4, 0)], 2)).toEqual([
        { group: 'quotes', outcome: 'appended', position: { epoch: 'e1', seq: 3 } },
      ]);
      expect(await history.append([batchOf('quotes', 'e1', 4, 1)], 1)).toMatchObject([{ outcome: 'fenced', fence: 2 }]);
      expect(await history.append([batchOf('quotes', 'e2', 8, 0, true)], 2)).toEqual([
        { group: 'quotes', outcome: 'appended', position: { epoch: 'e2', seq: 7 } },
      ]);
      expect((await history.newest(['quotes'], 5))[0]?.messages).toEqual([]);
      await harness.settled();
      expect(heard).toEqual([]);
    });

    test('[H90] a group claimed before its first message has no position, and any epoch begins in it', async () => {
      await using harness = await open();
      const { history } = harness;
      const claim = batchOf('quotes', 'claimed', 1, 0);
      expect(await history.append([claim], 2)).toMatchObject([{ outcome: 'appended' }]);
      const nothing = { group: 'quotes', position: null, messages: [] };
      expect(await history.newest(['quotes'], 5)).toEqual([nothing]);
      expect(await history.read('quotes', wholeRange)).toEqual(nothing);
      expect(await history.append([batchOf('quotes', 'claimed', 2, 1)], 2)).toEqual([
        { group: 'quotes', outcome: 'mismatch', position: null },
      ]);
      expect(await history.append([batchOf('quotes', 'claimed', 1, 1)], 1)).toMatchObject([{ outcome: 'fenced' }]);

      // The claim of another, and that of the same writer with an epoch of its own, whose reply was lost.
      for (const epoch of ['other', 'again']) {
        expect(await history.append([batchOf('quotes', epoch, 1, 0)], 3)).toMatchObject([{ outcome: 'appended' }]);
      }
      expect(await history.append([batchOf('quotes', 'last', 1, 2)], 3)).toEqual([
        { group: 'quotes', outcome: 'appended', position: { epoch: 'last', seq: 2 } },
      ]);
      expect((await history.read('quotes', wholeRange)).messages).toEqual(publications('last', 1, 2));
      expect(await history.append([batchOf('quotes', 'last', 3, 1)], 2)).toMatchObject([
        { outcome: 'fenced', fence: 3 },
      ]);
    });
  });
};
