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

    test('[H100] a writer with a token takes the next position too; one that takes over ends it', async () => {
      await using harness = await open();
      const { history } = harness;
      const heard = await heardOn(harness, 'news');
      const before = await history.publish('news', news('anybody'), bounds);
      const { position } = before as { position: { epoch: string } };
      const first = await history.publish('news', news('one'), { ...bounds, fence: 'new' });
      const { fence } = first as { fence: number };
      expect(fence).toBeGreaterThan(0);
      expect(first).toEqual({ outcome: 'published', position: { ...position, seq: 2 }, fence });
      expect(await history.publish('news', news('two'), { ...bounds, fence })).toEqual({
        outcome: 'published',
        position: { ...position, seq: 3 },
        fence,
      });
      expect(await history.publish('news', news('anybody'), bounds)).toEqual({ outcome: 'owned' });
      const second = await history.publish('news', news('three'), { ...bounds, fence: 'new' });
      const taken = (second as { fence: number }).fence;
      expect(taken).toBeGreaterThan(fence);
      expect(await history.publish('news', news('late'), { ...bounds, fence })).toEqual({
        outcome: 'fenced',
        fence: taken,
      });
      await harness.settled();
      expect(heard.map(({ body, seq }) => [body, seq])).toEqual([
        ['anybody', 1],
        ['one', 2],
        ['two', 3],
        ['three', 4],
      ]);
    });

    test('[H101] a repeat takes over as a publication does, and a writer that was taken over cannot repeat', async () => {
      await using harness = await open();
      const { history } = harness;
      const first = await history.publish('news', news('one'), { ...once('a key'), fence: 'new' });
      const { fence, position } = first as { fence: number; position: object };
      const again = await history.publish('news', news('one'), { ...once('a key'), fence: 'new' });
      const taken = (again as { fence: number }).fence;
      expect(again).toEqual({ outcome: 'repeated', position, fence: taken });
      expect(taken).toBeGreaterThan(fence);
      const late = { outcome: 'fenced', fence: taken };
      expect(await history.publish('news', news('one'), { ...once('a key'), fence })).toEqual(late);
      expect(await history.publish('news', news('two'), { ...bounds, fence })).toEqual(late);
    });

    test('[H102] a group claimed before its first message begins with its writer, and with no other', async () => {
      await using harness = await open();
      const { history } = harness;
      await history.append([{ group: 'quotes', epoch: 'e', firstSeq: 1, messages: [] }], 7);
      expect(await history.publish('quotes', news('forged'), bounds)).toEqual({ outcome: 'owned' });
      expect(await history.publish('quotes', news('old'), { ...bounds, fence: 6 })).toEqual({
        outcome: 'fenced',
        fence: 7,
      });
      expect(await history.publish('quotes', news('one'), { ...bounds, fence: 7 })).toMatchObject({
        outcome: 'published',
        position: { seq: 1 },
        fence: 7,
      });
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
      ['a token that is none', news('x'), { ...bounds, fence: 0 }],
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
