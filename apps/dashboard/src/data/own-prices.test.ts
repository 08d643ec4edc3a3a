import { describe, expect, it } from '@jest/globals';
import { createCandleSeries } from '../model/candle-series.js';
import type { FollowOptions, LiveClient, Received, Start } from './live-client.js';
import { followOwnCandles, type OwnMessage } from './own-prices.js';
import type { OwnChannels } from './symbols.js';
import { createWatchFeed } from './watch-feed.js';

const header = { venue: 'mine', symbol: 'BTC-USD', rts: 0, epoch: 'e' };
const ticker = (seq: number, ts: number, last: string): OwnMessage => {
  return { ...header, type: 'price.ticker', seq, ts, pts: ts, last };
};
const trade = (seq: number, ts: number, price: string, size: string): OwnMessage => {
  return { ...header, type: 'price.trade', seq, ts, pts: ts, id: `${seq}`, price, size, side: 'buy' };
};

const createClient = (history: readonly OwnMessage[] = []) => {
  const followed = new Map<string, { options: FollowOptions; take: (received: Received<unknown>) => void }>();
  const asked: string[] = [];
  const client = {
    state: { name: 'live' },
    onState: () => {},
    together: <Result>(act: () => Result) => act(),
    follow: (channel: string, options: FollowOptions, take: (received: Received<never>) => void) => {
      followed.set(channel, { options, take: take as (received: Received<unknown>) => void });
      return () => followed.delete(channel);
    },
    readBack: async (channel: string) => {
      asked.push(channel);
      return [...history].reverse().map((message) => ({ message, seq: message.seq, arrival: 'history' }));
    },
  } as unknown as LiveClient;
  const give = (channel: string, message: OwnMessage): void =>
    followed.get(channel)?.take({ message, seq: message.seq, arrival: 'live' });
  return {
    client,
    followed,
    asked,
    give,
    start: (channel: string, how: Start) => followed.get(channel)?.options.onStart?.(how),
  };
};

const startCandles = (own: OwnChannels, channel: string) => {
  const { client, give, start } = createClient();
  const series = createCandleSeries({ intervalMs: 60_000, maxCandles: 100 });
  followOwnCandles({
    client,
    own,
    series,
    venue: 'mine',
    symbol: 'BTC-USD',
    interval: '1m',
    intervalMs: 60_000,
    ...{ onChange: () => {}, onStart: () => {} },
  });
  start(channel, 'fresh');
  const shown = () =>
    series.candles.map(({ start: at, open, high, low, close, volume }) => [
      at / 60_000,
      open,
      high,
      low,
      close,
      volume,
    ]);
  return { give: (message: OwnMessage) => give(channel, message), start: (how: Start) => start(channel, how), shown };
};

describe('prices of channels of your own', () => {
  it('[D93] are folded to candles, of a channel of any name', () => {
    const { give, shown } = startCandles({ ticker: 'prices.btc' }, 'prices.btc');
    give(ticker(1, 60_000, '10'));
    give(ticker(2, 61_000, '12'));
    give(ticker(3, 119_999, '9.5'));
    give(ticker(4, 180_000, '11'));
    // Late, and once more what was there already.
    give(ticker(5, 90_000, '13'));
    give(ticker(5, 90_000, '14'));
    expect(shown()).toEqual([
      [1, 10, 13, 9.5, 9.5, 0],
      [3, 11, 11, 11, 11, 0],
    ]);
  });

  it('[D93] open and close by their own times, as the candles of the gateway do', () => {
    const { give, shown } = startCandles({ ticker: 'prices.btc' }, 'prices.btc');
    give(ticker(1, 70_000, '10'));
    give(ticker(2, 65_000, '8'));
    give(ticker(3, 70_000, '11'));
    expect(shown()).toEqual([[1, 8, 11, 8, 11, 0]]);
  });

  it('[D93] are candles with volume where they are trades; a history that began again begins them again', () => {
    const { give, start, shown } = startCandles({ ticker: 'ticker.mine.BTC-USD', trade: 'deals' }, 'deals');
    give(trade(1, 60_000, '10', '2'));
    give(trade(2, 60_500, '11', '3'));
    start('recovered');
    give(trade(2, 60_500, '11', '3'));
    expect(shown()).toEqual([[1, 10, 11, 10, 11, 5]]);
    start('lost');
    give(trade(1, 120_000, '7', '1'));
    expect(shown()).toEqual([[2, 7, 7, 7, 7, 1]]);
  });

  it.each([
    [{ ticker: 'prices.btc' }, 'prices.btc', ticker(3, 5, '12')],
    [{ trade: 'trade.mine.BTC-USD' }, 'trade.mine.BTC-USD', trade(3, 5, '12', '1')],
  ])('[D93] are in the list with price and small line: %j', async (own, channel, message) => {
    const { client, followed, asked, give } = createClient([ticker(1, 1, '10'), ticker(2, 2, '11')]);
    const prices: string[] = [];
    const feed = createWatchFeed({
      client,
      now: () => 5,
      wall: () => 5,
      onChange: () => {},
      onPrice: (key, price) => prices.push(`${key} ${price}`),
    });
    feed.setSymbols([{ venue: 'mine', symbol: 'BTC-USD', own }]);
    await new Promise((resolve) => setTimeout(resolve));
    // Nothing else is asked for: there is neither health nor a bar of it.
    expect([...followed.keys()]).toEqual([channel]);
    const entry = feed.find('mine', 'BTC-USD');
    if (entry !== undefined) feed.wantPast(entry);
    give(channel, message);
    expect([entry?.last, prices, asked]).toEqual([12, ['mine.BTC-USD 12'], [channel]]);
  });

  it('[D105] a channel that begins later joins the others of its symbol', async () => {
    const { client, followed } = createClient();
    const feed = createWatchFeed({ client, now: () => 5, wall: () => 5, onChange: () => {} });
    const name = { venue: 'mine', symbol: 'BTC-USD' };
    const listed = async (own: OwnChannels): Promise<readonly string[]> => {
      feed.setSymbols([{ ...name, own: { ...own } }]);
      await new Promise((resolve) => setTimeout(resolve));
      return [...followed.keys()];
    };
    expect(await listed({ trade: 'prices.deals' })).toEqual(['prices.deals']);
    const entry = feed.find('mine', 'BTC-USD');
    const both = { trade: 'prices.deals', ticker: 'prices.btc' };
    expect(await listed(both)).toEqual(['prices.btc']);
    const { own } = entry ?? {};
    expect([own, feed.entries]).toEqual([both, [entry]]);
    // The same list again changes nothing: charts that follow the symbol stay open.
    await listed(both);
    expect(entry?.own).toBe(own);
  });
});
