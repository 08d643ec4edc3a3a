import { describe, expect, it } from '@jest/globals';
import type { Forecast } from '@tickwire/protocol';
import type { Alert } from '../model/alert.js';
import { type AlertBook, createAlertBook } from '../model/alert-book.js';
import { createAlertFeed } from './alert-feed.js';
import type { FollowOptions, LiveClient, Received } from './live-client.js';
import { shareFollows } from './shared-follow.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const forecast = (second: number, price: string): Forecast =>
  ({
    price,
    rts: second * 1_000,
    horizons: [{ seconds: 60, target: (second + 60) * 1_000, levels: { 90: ['99', '101'] } }],
  }) as unknown as Forecast;

describe('the forecasts that alerts need', () => {
  it('[D70] are followed while an alert wants them, judged with those of history, and never judged when they are old', async () => {
    const heard = new Map<string, (received: Received<Forecast>) => void>();
    const ended: string[] = [];
    const reads: number[] = [];
    const client: Pick<LiveClient, 'follow' | 'readBack'> = {
      follow: (channel, _options, onMessage) => {
        heard.set(channel, onMessage as (received: Received<Forecast>) => void);
        return () => void ended.push(channel);
      },
      readBack: async <Message>(_channel: string, _limit: number, beforeSeq = 0) => {
        reads.push(beforeSeq - 1);
        const message = forecast(beforeSeq - 1, '100') as Message;
        return [{ message, seq: beforeSeq - 1, arrival: 'history' as const }];
      },
    };
    const fired: Alert[] = [];
    const book: AlertBook = createAlertBook({
      alerts: [],
      now: () => 0,
      wall: () => 0,
      onChange: () => feed.sync(),
      onFired: (alert) => fired.push(alert),
    });
    const feed = createAlertFeed(client, book);
    book.add({ kind: 'interval', venue: 'sim', symbol: 'BTC-USD', horizonSeconds: 60 });
    book.add({ kind: 'stale', venue: 'sim', symbol: 'ETH-USD' });
    expect([...heard.keys()]).toEqual(['forecast.sim.BTC-USD']);
    const say = heard.get('forecast.sim.BTC-USD') ?? (() => {});
    say({ message: forecast(1_000, '500'), seq: 1_000, arrival: 'history' });
    for (let turn = 0; turn < 20; turn += 1) await settled();
    expect(reads[0]).toBe(940);
    expect(reads).toHaveLength(15);
    say({ message: forecast(1_001, '100'), seq: 1_001, arrival: 'live' });
    say({ message: forecast(1_002, '102'), seq: 1_002, arrival: 'recovered' });
    expect(fired).toEqual([]);
    say({ message: forecast(1_003, '103'), seq: 1_003, arrival: 'live' });
    expect(fired.map(({ firedPrice }) => firedPrice)).toEqual(['103']);
    book.remove('interval sim BTC-USD 60');
    expect(ended).toEqual(['forecast.sim.BTC-USD']);
  });
});

describe('a channel that several follow', () => {
  it('[D72] is subscribed once; who joins begins with history and misses nothing; the last to leave ends it', async () => {
    const opened: FollowOptions[] = [];
    let isEnded = false;
    let send = (_received: Received<unknown>): void => {};
    const past = [3, 2].map((seq) => ({ message: seq, seq, arrival: 'history' as const }));
    const follow = shareFollows(
      (_channel, options, onMessage) => {
        opened.push(options);
        send = onMessage as typeof send;
        return () => {
          isEnded = true;
        };
      },
      async <Message>() => past as readonly Received<unknown>[] as readonly Received<Message>[],
    );
    const live = (seq: number): void => send({ message: seq, seq, arrival: 'live' });
    const [first, second]: [number[], number[]] = [[], []];
    const starts: string[] = [];
    const endFirst = follow<number>('c', { last: 1 }, ({ seq }) => first.push(seq));
    for (const seq of [2, 3]) live(seq);
    const endSecond = follow<number>('c', { last: 2, onStart: (start) => starts.push(start) }, ({ seq }) =>
      second.push(seq),
    );
    live(4);
    await settled();
    live(5);
    expect(first).toEqual([2, 3, 4, 5]);
    expect(second).toEqual([2, 3, 4, 5]);
    expect(starts).toEqual(['fresh']);
    expect(opened).toHaveLength(1);
    endFirst();
    expect(isEnded).toBe(false);
    endSecond();
    expect(isEnded).toBe(true);
  });
});
