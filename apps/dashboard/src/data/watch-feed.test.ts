import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { createFrame } from '../view/frame.js';
import type { LiveClient, Received } from './live-client.js';
import { createWatchFeed } from './watch-feed.js';

const name = (symbol: string) => ({ venue: 'binance', symbol });

/** The part of a connection that the list of markets uses; it keeps which channels are followed. */
const createClient = () => {
  const followed = new Set<string>();
  const listeners = new Map<string, (received: Received<unknown>) => void>();
  const client: Pick<LiveClient, 'follow' | 'together' | 'onState' | 'state' | 'readBack'> = {
    state: { name: 'live' } as LiveClient['state'],
    onState: () => () => {},
    together: (act) => act(),
    follow: (channel, _options, onMessage) => {
      followed.add(channel);
      listeners.set(channel, onMessage as (received: Received<unknown>) => void);
      return () => followed.delete(channel);
    },
    readBack: async () => [],
  };
  return { client: client as LiveClient, followed, listeners };
};

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('the markets of the page', () => {
  it('[D63] come and go with the listing, and what went is not followed any more', async () => {
    const { client, followed } = createClient();
    let changes = 0;
    const onChange = (): void => {
      changes += 1;
    };
    const feed = createWatchFeed({ client, now: () => 0, wall: () => 0, onChange });
    const { entries } = feed;
    feed.setSymbols([name('BTC-USDT'), name('ETH-USDT')]);
    await settled();
    expect([...followed].sort()).toEqual([
      'health.binance.BTC-USDT',
      'health.binance.ETH-USDT',
      'ticker.binance.BTC-USDT',
      'ticker.binance.ETH-USDT',
    ]);

    feed.setSymbols([name('ETH-USDT'), name('SOL-USDT')]);
    await settled();
    expect(entries.map(({ symbol }) => symbol)).toEqual(['ETH-USDT', 'SOL-USDT']);
    expect(feed.find('binance', 'BTC-USDT')).toBeUndefined();
    expect([...followed].some((channel) => channel.endsWith('BTC-USDT'))).toBe(false);
    expect(followed.size).toBe(4);
    const before = changes;
    feed.setSymbols([name('ETH-USDT'), name('SOL-USDT')]);
    expect(changes).toBe(before);
  });

  it('[D70] are reported price by price while they are of now, and not when they were read back', async () => {
    const { client, listeners } = createClient();
    const prices: string[] = [];
    const onPrice = (key: string, price: string): void => void prices.push(`${key} ${price}`);
    const feed = createWatchFeed({ client, now: () => 0, wall: () => 0, onChange: () => {}, onPrice });
    feed.setSymbols([name('BTC-USDT')]);
    await settled();
    const say = (last: string, arrival: Received<unknown>['arrival']): void =>
      listeners.get('ticker.binance.BTC-USDT')?.({ message: { ...name('BTC-USDT'), last, pts: 0 }, seq: 1, arrival });
    say('1', 'history');
    say('2', 'recovered');
    say('3', 'live');
    expect(prices).toEqual(['binance.BTC-USDT 3']);
    expect(feed.find('binance', 'BTC-USDT')?.last).toBe(3);
  });

  it('[D310] are as old as they are, and a step of the clock of the viewer makes none older or younger', async () => {
    const { client, listeners } = createClient();
    let [nowMs, wallMs] = [60_000, Date.UTC(2026, 10, 28)];
    const feed = createWatchFeed({ client, now: () => nowMs, wall: () => wallMs, onChange: () => {} });
    feed.setSymbols([name('BTC-USDT')]);
    await settled();
    const say = (arrival: Received<unknown>['arrival'], pts: number): number | undefined => {
      const message = { ...name('BTC-USDT'), last: '1', pts };
      listeners.get('ticker.binance.BTC-USDT')?.({ message, seq: 1, arrival });
      return feed.find('binance', 'BTC-USDT')?.heardAt;
    };
    expect(say('history', wallMs - 20_000)).toBe(40_000);
    expect(say('live', wallMs)).toBe(60_000);
    nowMs += 250;
    wallMs -= 3_600_000;
    expect(say('live', wallMs)).toBe(60_250);
    expect(feed.find('binance', 'BTC-USDT')?.gapMs).toBeGreaterThan(0);
  });

  it('[D30] two hundred at fifty updates a second each: asked for four times a second, painted once a frame, no memory kept', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { client, listeners } = createClient();
    const intervals: unknown[] = [];
    const follow: LiveClient['follow'] = (channel, options, onMessage) => {
      if (channel.startsWith('ticker.')) intervals.push(options.intervalMs);
      return client.follow(channel, options, onMessage);
    };
    let nowMs = 0;
    let paints = 0;
    const frames: (() => void)[] = [];
    const frame = createFrame(
      (run) => frames.push(run),
      () => nowMs,
    );
    const onChange = frame.add(() => {
      paints += 1;
    });
    const feed = createWatchFeed({ client: { ...client, follow }, now: () => nowMs, wall: () => nowMs, onChange });
    const names = Array.from({ length: 200 }, (_, i) => name(`C${i}-USD`));
    feed.setSymbols(names);
    // In parts, each in a turn of its own.
    for (let part = 0; part < 4; part += 1) await settled();
    expect(intervals).toEqual(names.map(() => 250));

    const updatesASecond = 50;
    /** Five seconds, with a frame after each round of updates. */
    const run = (): number => {
      for (let update = 1; update <= 5 * updatesASecond; update += 1) {
        nowMs += 1_000 / updatesASecond;
        for (const { venue, symbol } of names) {
          const message = { venue, symbol, last: String(1 + ((nowMs * symbol.length) % 97)), pts: nowMs };
          listeners.get(`ticker.${venue}.${symbol}`)?.({ message, seq: update, arrival: 'live' });
        }
        expect(frames.length).toBe(1);
        frames.shift()?.();
      }
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = run();
    paints = 0;
    expect(run() - before).toBeLessThan(500_000);
    expect(paints).toBe(5 * updatesASecond);
  });
});
