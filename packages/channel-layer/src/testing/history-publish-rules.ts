import { describe, expect, test } from '@jest/globals';
import { InvalidHistoryRequest } from '../errors.js';
import type { Message } from '../layer.js';
import { batchOf, heardOn, type OpenHistory, seqsOf, wholeRange } from './history-harness.js';

const bounds = { historySize: 1_000, historyTtlMs: 3_600_000 };
const news = (body: unknown): Message => ({ type: 'data.json', body });
const once = (key: string, content = 'content') => ({ ...bounds, once: { key, content, rememberedMs: 60_000 } });

export const publishRules = (open: OpenHistory): void => {
  describe('publish', () => {
    test('[H70] a publication takes the next position of its group, and carries it', async () => {
      await using harness = await open();
      const { history } = harness;
      const heard = await heardOn(harness, 'news');

      const first = await history.publish('news', news('one'), bounds);
      const second = await history.publish('news', news('two'), bounds);
      await harness.settled();

      const {
        position: { epoch },
      } = first as { position: { epoch: string } };
      expect(epoch).not.toBe('');
      expect(first).toEqual({ outcome: 'published', position: { epoch, seq: 1 } });
      expect(second).toEqual({ outcome: 'published', position: { epoch, seq: 2 } });
      const messages = [
        { ...news('one'), epoch, seq: 1 },
        { ...news('two'), epoch, seq: 2 },
      ];
      expect(heard).toEqual(messages);
      expect(await history.read('news', wholeRange)).toEqual({ group: 'news', position: { epoch, seq: 2 }, messages });
    });

    test('[H71] concurrent publications are each heard once, in order, without a hole', async () => {
      await using harness = await open();
      const heard = await heardOn(harness, 'news');
      const count = 300;
      const results = await Promise.all(
        Array.from({ length: count }, (_, index) => harness.history.publish('news', news(index), bounds)),
      );
      await harness.settled();

      expect(results.every(({ outcome }) => outcome === 'published')).toBe(true);
      expect(seqsOf(heard)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
      expect(new Set(heard.map(({ body }) => body)).size).toBe(count);
      expect((await harness.history.read('news', wholeRange)).messages).toEqual(heard);
    });

    test('[H72] only its writer may write to a group with a token', async () => {
      await using harness = await open();
      await harness.history.append([batchOf('quotes', 'e1', 1, 2)], 7);
      const heard = await heardOn(harness, 'quotes');
      expect(await harness.history.publish('quotes', news('forged'), bounds)).toEqual({ outcome: 'owned' });
      await harness.settled();
      expect(heard).toEqual([]);
      expect((await harness.history.read('quotes', wholeRange)).position).toEqual({ epoch: 'e1', seq: 2 });
    });

    test('[H73] a publication with a key is made once, until the key is forgotten', async () => {
      await using harness = await open();
      const { history } = harness;
      const heard = await heardOn(harness, 'news');
      const first = await history.publish('news', news('one'), once('a key'));
      await history.publish('news', news('two'), bounds);
      const { position } = first as { position: object };

      expect(await history.publish('news', news('one'), once('a key'))).toEqual({ outcome: 'repeated', position });
      expect(await history.publish('news', news('three'), once('a key', 'other'))).toEqual({ outcome: 'reused' });
      expect(await history.publish('other', news('one'), once('a key'))).toMatchObject({ outcome: 'published' });
      expect(await history.publish('news', news('four'), once('another key'))).toMatchObject({ outcome: 'published' });
      await harness.elapse(60_000);
      expect(await history.publish('news', news('five'), once('a key'))).toMatchObject({ outcome: 'published' });
      await harness.settled();
      expect(heard.map(({ body }) => body)).toEqual(['one', 'two', 'four', 'five']);
    });

    test.each<[string, Message, object]>([
      ['a seq of its own', { ...news('x'), seq: 4 }, bounds],
      ['an epoch of its own', { ...news('x'), epoch: 'e1' }, bounds],
      ['no history', news('x'), { ...bounds, historySize: 0 }],
      ['no life', news('x'), { ...bounds, historyTtlMs: Number.NaN }],
      ['a key that is forgotten at once', news('x'), { ...bounds, once: { key: 'k', content: '', rememberedMs: 0 } }],
    ])('[H74] a publication with %s is rejected, and nothing is written', async (_case, message, options) => {
      await using harness = await open();
      const publishing = harness.history.publish('news', message, options as typeof bounds);
      await expect(publishing).rejects.toBeInstanceOf(InvalidHistoryRequest);
      expect((await harness.history.read('news', wholeRange)).position).toBeNull();
    });

    test('[H75] the newest messages are kept for their time, and the position for longer', async () => {
      await using harness = await open();
      const { history } = harness;
      const small = { historySize: 3, historyTtlMs: 30_000 };
      for (let index = 1; index <= 5; index += 1) await history.publish('news', news(index), small);
      const [range] = await history.newest(['news'], 10);
      expect(seqsOf(range?.messages ?? [])).toEqual([3, 4, 5]);
      await harness.elapse(30_000);
      expect(await history.newest(['news'], 10)).toEqual([{ group: 'news', position: range?.position, messages: [] }]);
      expect(await history.publish('news', news(6), small)).toMatchObject({ position: { seq: 6 } });
    });
  });
};
