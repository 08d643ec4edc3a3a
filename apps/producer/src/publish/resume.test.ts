import { describe, expect, it } from '@jest/globals';
import type { Outgoing } from './outgoing-queue.js';
import { createResume } from './resume.js';

const trade = (id: string, ts: number): Outgoing => ({
  group: 'trade.binance.BTC-USDT',
  message: { type: 'price.trade', id, ts },
  receivedAt: ts,
});
const group = 'trade.binance.BTC-USDT';
const behind = (last: Outgoing, waiting: readonly Outgoing[]): readonly unknown[] => {
  const resume = createResume();
  resume.follow(group, last.message);
  return resume.filter(waiting).map(({ message }) => message['id']);
};

describe('behind the trade that was published last', () => {
  it('[P47] go those with higher ids, of the same millisecond too, and whatever their times', () => {
    const waiting = [trade('6', 100), trade('8', 100), trade('9', 99), trade('10', 101)];
    expect(behind(trade('7', 100), waiting)).toEqual(['8', '9', '10']);
    expect(behind(trade('7', 100), [trade('5', 100), trade('6', 101)])).toEqual([]);
  });

  it('[P47] of a feed that counts for itself only what is no earlier: time does not step back', () => {
    const waiting = [trade('1008', 98), trade('1009', 99), trade('1010', 100), trade('1011', 101)];
    expect(behind(trade('7', 100), waiting)).toEqual(['1010', '1011']);
    expect(behind(trade('1011', 101), [trade('8', 101), trade('9', 1_200)])).toEqual(['9']);
  });

  it('[P47] and those of a venue that began to count anew', () => {
    expect(behind(trade('7000', 100), [trade('1', 90_000), trade('2', 90_001)])).toEqual(['1', '2']);
  });

  it('[P47] ids that are no numbers go by time', () => {
    expect(behind(trade('x', 100), [trade('a', 100), trade('b', 101)])).toEqual(['b']);
  });
});
