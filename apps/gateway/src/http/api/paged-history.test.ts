import { describe, expect, test } from '@jest/globals';
import { createMemoryHistory, type History } from '@tickwire/channel-layer';
import { createPagedHistory } from './paged-history.js';

const group = 'trade.sim.BTC-USD';

const filled = async (count: number, historySize = 10_000) => {
  const history = createMemoryHistory({ publish: () => {}, historySize });
  const append = async (epoch: string, firstSeq: number, number: number, reset = false): Promise<void> => {
    const messages = Array.from({ length: number }, (_, index) => ({ type: 'x', seq: firstSeq + index, epoch }));
    await history.append([{ group, epoch, firstSeq, messages, reset }], 1);
  };
  await append('e1', 1, count);
  const sizes: number[] = [];
  let between = (): Promise<void> => Promise.resolve();
  const watched: Pick<History, 'read' | 'newest'> = {
    async read(name, range) {
      const read = await history.read(name, range);
      sizes.push(read.messages.length);
      await between();
      return read;
    },
    async newest(names, number) {
      const read = await history.newest(names, number);
      sizes.push(read[0]?.messages.length ?? 0);
      return read;
    },
  };
  return {
    history,
    sizes,
    append,
    paged: createPagedHistory(watched, 10),
    meanwhile: (act: () => Promise<void>) => {
      between = act;
    },
  };
};
const seqs = (messages: readonly Readonly<Record<string, unknown>>[] = []): unknown[] => messages.map(({ seq }) => seq);

describe('history in pages', () => {
  test('[GL38] is what history is without them, and no page is larger than it may be', async () => {
    const { history, paged, sizes } = await filled(95);
    for (const limit of [1, 10, 11, 20, 95, 1_000]) {
      for (const afterSeq of [0, 5, 84, 94, 95, 96]) {
        expect(await paged.read(group, { afterSeq, limit })).toEqual(await history.read(group, { afterSeq, limit }));
      }
    }
    for (const count of [0, 9, 10, 11, 50, 95, 1_000]) {
      expect(await paged.newest([group], count)).toEqual(await history.newest([group], count));
    }
    expect(Math.max(...sizes)).toBe(10);
    expect(await paged.newest(['nothing'], 100)).toEqual(await history.newest(['nothing'], 100));
    const several = ['nothing', group];
    expect(await paged.newest(several, 100)).toEqual(await history.newest(several, 100));
  });

  test('[GL38] where fewer are kept than asked for, they are those that are', async () => {
    const { history, paged } = await filled(100, 30);
    expect(await paged.newest([group], 50)).toEqual(await history.newest([group], 50));
  });

  test('[GL38] what begins again meanwhile ends a range, and leaves no hole', async () => {
    const { paged, meanwhile, append } = await filled(100);
    meanwhile(async () => {
      meanwhile(() => Promise.resolve());
      await append('e2', 1, 200, true);
    });
    const { position, messages } = await paged.read(group, { afterSeq: 0, limit: 50 });
    expect([position?.epoch, seqs(messages)]).toEqual(['e1', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]);
  });
});
