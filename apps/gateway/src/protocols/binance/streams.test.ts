import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { createTurns } from '@tickwire/hub';
import { createBinanceStreams } from './streams.js';

it('[G311] names that are none of ours now are looked for over several turns, however many clients ask at once', async () => {
  let nowMs = 0;
  let looked = 0;
  const streams = createBinanceStreams({
    hub: {} as never,
    turns: createTurns({ perTurnMs: 8, now: () => nowMs }),
    symbols: {
      entries: [],
      find: () => {
        looked += 1;
        nowMs += 1;
        return undefined;
      },
    } as never,
    layerLoss: { reason: undefined },
    logger: { info: () => {}, warn: () => {} },
  });
  const all = Promise.all(Array.from({ length: 100 }, (_, i) => streams.acquire(`a${i}usdt@trade`)));
  let before = 0;
  let turns = 0;
  while (looked < 100) {
    await nextTurn();
    expect(looked - before).toBeLessThanOrEqual(16);
    before = looked;
    turns += 1;
  }
  expect(turns).toBeGreaterThan(5);
  expect(new Set(await all)).toEqual(new Set([undefined]));
  streams.close();
});
