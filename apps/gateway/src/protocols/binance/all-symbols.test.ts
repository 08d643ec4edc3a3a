import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { LayerUnavailable } from '@tickwire/channel-layer';
import { createAllSymbolsSource } from './all-symbols.js';

it('[G290] a stream of all symbols that lacks one says so once, and once when it has it', async () => {
  const lines: string[] = [];
  const log = (_details: unknown, line?: string): void => void lines.push(line ?? '');
  const broken = new Map<string, Error>();
  let second = (): void => {};
  const entries = [{ venue: 'sim', symbol: 'BTC-USD' }];
  const source = createAllSymbolsSource({
    name: '!ticker@arr',
    symbols: { entries, find: () => undefined },
    logger: { warn: log, info: log },
    arrayPace: undefined,
    watchPace: {
      add(onTurn) {
        second = onTurn;
        return () => {};
      },
      close() {},
    },
    sourceOf: ({ symbol }) => ({
      async start() {
        const error = broken.get(symbol);
        if (error !== undefined) throw error;
        return () => {};
      },
    }),
  });
  const stop = await source.start(() => {});
  const seconds = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) {
      second();
      await nextTurn();
    }
  };
  entries.push({ venue: 'sim', symbol: 'ETH-USD' });
  broken.set('ETH-USD', new LayerUnavailable('the layer says so itself'));
  await seconds(3);
  expect(lines).toEqual([]);
  broken.set('ETH-USD', new Error('NOPERM'));
  await seconds(5);
  expect(lines).toEqual(['a stream of all symbols lacks some of them: they are tried again each second']);
  broken.clear();
  await seconds(3);
  expect(lines.slice(1)).toEqual(['a stream of all symbols has all of them again']);
  stop();
});
