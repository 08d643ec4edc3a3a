import { describe, expect, it } from '@jest/globals';
import type { Message } from '@tickwire/channel-layer';
import { createLastTradesReader } from './last-trades.js';

const trade = { type: 'price.trade', venue: 'binance', symbol: 'BTC-USDT', ts: 1, rts: 2, id: '7' };
const amounts = { price: '1.50', size: '2', side: 'buy' };

describe('the last trades', () => {
  it('[P47] are read from history; anything but a trade of the venue is logged and ignored', async () => {
    const newest = async (groups: readonly string[]) => {
      expect(groups).toEqual(['trade.binance.BTC-USDT', 'trade.binance.ETH-USDT', 'trade.binance.SOL-USDT']);
      const messages: readonly Message[][] = [
        [{ ...trade, ...amounts, seq: 9, epoch: 'x', pts: 3 }],
        [{ type: 'price.alert', text: 'hello' }],
        [],
      ];
      return groups.map((group, at) => ({ group, position: null, messages: messages[at] ?? [] }));
    };
    const warnings: unknown[] = [];
    const read = createLastTradesReader({
      history: { newest: newest as never },
      logger: { warn: (details: unknown) => warnings.push(details) } as never,
    });
    expect([...(await read('binance', ['BTC-USDT', 'ETH-USDT', 'SOL-USDT']))]).toEqual([
      ['BTC-USDT', { ...trade, ...amounts }],
    ]);
    expect(warnings).toEqual([{ venue: 'binance', first: 'trade.binance.ETH-USDT', times: 1 }]);
  });

  it('[P47] are none if history does not answer, which is logged', async () => {
    const warnings: unknown[] = [];
    const read = createLastTradesReader({
      history: { newest: () => Promise.reject(new Error('no Redis')) },
      logger: { warn: (details: unknown) => warnings.push(details) } as never,
    });
    expect((await read('binance', ['BTC-USDT'])).size).toBe(0);
    expect(warnings).toHaveLength(1);
  });
});
