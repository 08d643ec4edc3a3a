import { describe, expect, it } from '@jest/globals';
import { createBarMender } from './bar-mender.js';

describe('the mender of bars', () => {
  it('[P159] reports an unreachable venue, mends the other instruments, and asks again at the next check', async () => {
    const failed: unknown[] = [];
    const mended: string[] = [];
    const pipelineOf = (symbol: string) => ({
      venue: 'binance',
      symbol,
      lacking: () => [0],
      mend: () => void mended.push(symbol),
      giveUp: () => {},
    });
    let isAway = true;
    const mender = createBarMender({
      feed: {
        past: async ({ symbol }) => {
          if (symbol === 'BTC-USDT' && isAway) throw new Error('503');
          return [];
        },
      },
      now: () => 1e6,
      isLeading: () => true,
      log: { failed: (details) => failed.push(details), worked: () => {} },
      pipelines: () => [pipelineOf('BTC-USDT'), pipelineOf('ETH-USDT')],
    });
    await mender.run();
    expect(failed).toEqual([{ venue: 'binance', symbol: 'BTC-USDT', err: new Error('503') }]);
    expect(mended).toEqual(['ETH-USDT']);
    isAway = false;
    await mender.run();
    expect(mended).toEqual(['ETH-USDT', 'BTC-USDT', 'ETH-USDT']);
    expect(failed).toHaveLength(1);
  });

  it('[P158] gives a minute up after three answers without it, and not with those that it lacked before', async () => {
    let lacking = [0];
    const givenUp: (readonly number[])[] = [];
    const pipeline = {
      venue: 'binance',
      symbol: 'BTC-USDT',
      lacking: () => lacking,
      mend: () => {},
      giveUp: (starts: readonly number[]) => {
        givenUp.push(starts);
        lacking = lacking.filter((start) => !starts.includes(start));
      },
    };
    const mender = createBarMender({
      feed: { past: async () => [] },
      now: () => 1e7,
      isLeading: () => true,
      log: { failed: () => {}, worked: () => {} },
      pipelines: () => [pipeline],
    });
    await mender.run();
    await mender.run();
    lacking = [0, 60_000];
    await mender.run();
    expect(givenUp).toEqual([[0]]);
    await mender.run();
    await mender.run();
    expect(givenUp).toEqual([[0], [60_000]]);
    expect(lacking).toEqual([]);
  });
});
