import { describe, expect, it } from '@jest/globals';
import type { Outgoing } from './outgoing-queue.js';
import { createResume } from './resume.js';

const trade = (id: string, ts: number): Outgoing => ({
  group: 'trade.binance.BTC-USDT',
  message: { type: 'price.trade', id, ts },
  receivedAt: ts,
});
const group = 'trade.binance.BTC-USDT';
const nowMs = Date.UTC(2026, 10, 28);
const behind = (last: Outgoing, waiting: readonly Outgoing[]): readonly unknown[] => {
  const resume = createResume({ wall: () => nowMs });
  resume.follow(group, last.message);
  return resume.filter(waiting).map(({ message }) => message['id']);
};

describe('trades that a new leader still has to publish', () => {
  it('[P47] are those with higher ids, even of the same millisecond, whatever their times', () => {
    const waiting = [trade('6', 100), trade('8', 100), trade('9', 99), trade('10', 101)];
    expect(behind(trade('7', 100), waiting)).toEqual(['8', '9', '10']);
    expect(behind(trade('7', 100), [trade('5', 100), trade('6', 101)])).toEqual([]);
  });

  it('[P47] are only those that are not earlier if the feed has ids of its own: time does not go back', () => {
    const waiting = [trade('1008', 98), trade('1009', 99), trade('1010', 100), trade('1011', 101)];
    expect(behind(trade('7', 100), waiting)).toEqual(['1010', '1011']);
    expect(behind(trade('1011', 101), [trade('8', 101), trade('9', 1_200)])).toEqual(['9']);
  });

  it('[P47] include those of a venue that began to count anew', () => {
    expect(behind(trade('7000', 100), [trade('1', 90_000), trade('2', 90_001)])).toEqual(['1', '2']);
  });

  it('[P47] are chosen by time if ids are not numbers', () => {
    expect(behind(trade('x', 100), [trade('a', 100), trade('b', 101)])).toEqual(['b']);
  });
});

describe('what a new leader still has to publish of a leader whose clock was ahead', () => {
  const hour = 3_600_000;
  const message = (type: string, ts: number, more: object = {}): Outgoing => ({
    group,
    message: { type, ts, ...more },
    receivedAt: ts,
  });

  it.each<[string, (ts: number) => Outgoing]>([
    ['health', (ts) => message('feed.health', ts)],
    ['tickers', (ts) => message('price.ticker', ts)],
    ['bars', (ts) => message('price.bar', ts, { start: ts - (ts % 1_000), closed: true })],
    ['trades with ids by the clock', (ts) => trade(String(ts), ts)],
  ])('[P312] is everything of %s: their times will not reach those of the old one for hours', (_, at) => {
    const resume = createResume({ wall: () => nowMs });
    resume.follow(group, at(nowMs + 2 * hour).message);
    const waiting = [at(nowMs - 5_000), at(nowMs)];
    expect(resume.filter(waiting)).toEqual(waiting);
  });

  it('[P312] is only what is newer where the venue is ahead itself, or both clocks are nearly the same', () => {
    const at = (ts: number): Outgoing => message('price.ticker', ts);
    for (const last of [nowMs + 2 * hour, nowMs + 9_000]) {
      const resume = createResume({ wall: () => nowMs });
      resume.follow(group, at(last).message);
      expect(resume.filter([at(last - 1_000), at(last), at(last + 1)])).toEqual([at(last + 1)]);
    }
  });

  it.each(['feed.health', 'price.ticker'])(
    '[P334] is everything of %s that was published in the future, even a little',
    (type) => {
      const at = (ts: number, pts = ts): Outgoing => message(type, ts, { pts });
      const resume = createResume({ wall: () => nowMs });
      resume.follow(group, at(nowMs + 4_000).message);
      const waiting = [at(nowMs - 500), at(nowMs)];
      expect(resume.filter(waiting)).toEqual(waiting);
    },
  );

  it('[P334] is not what the venue dates ahead, what clocks nearly agree on, or trades', () => {
    const at = (ts: number, pts: number): Outgoing => message('price.ticker', ts, { pts });
    const trades = (ts: number, pts: number): Outgoing => message('price.trade', ts, { pts, id: String(ts) });
    for (const last of [
      at(nowMs + 5_000, nowMs - 10),
      at(nowMs + 900, nowMs + 900),
      trades(nowMs + 5_000, nowMs + 5_000),
    ]) {
      const resume = createResume({ wall: () => nowMs });
      resume.follow(group, last.message);
      const ts = Number(last.message['ts']);
      const next = (more: number): Outgoing => ({
        ...last,
        message: { ...last.message, ts: ts + more, id: String(ts + more) },
      });
      expect(resume.filter([next(-1), next(1)])).toEqual([next(1)]);
    }
  });

  it('[P351] is reported once where its trades wait for the time of the old leader', () => {
    const held: unknown[] = [];
    const resume = createResume({ wall: () => nowMs }, (name, aheadMs) => held.push([name, aheadMs]));
    const ahead = (name: string): void =>
      resume.follow(name, { type: 'price.trade', id: '9', ts: nowMs + 4_000, pts: nowMs + 4_100 });
    ahead(group);
    ahead('trade.sim.ETH-USD');
    const waiting = [trade('7', nowMs), { ...trade('8', nowMs), group: 'trade.sim.ETH-USD' }];
    expect(resume.filter(waiting)).toEqual([]);
    expect(resume.filter(waiting)).toEqual([]);
    expect(held).toEqual([[group, 4_000]]);
    // A venue that is ahead by itself is not a leader that was.
    resume.follow('trade.binance.X-Y', { type: 'price.trade', id: '9', ts: nowMs + 4_000, pts: nowMs });
    resume.filter([{ ...trade('7', nowMs), group: 'trade.binance.X-Y' }]);
    expect(held).toHaveLength(1);
  });
});
