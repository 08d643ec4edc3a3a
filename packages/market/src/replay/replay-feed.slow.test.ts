import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Trade } from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import { waitFor } from '../../../../tests/support/wait-for.js';
import type { FeedEvent } from '../feed.js';
import { btcRecording, generateRecording, type Recording, recordedFile } from '../testing/index.js';
import { discoverInstruments } from './discover-instruments.js';
import type { BadLine } from './recording-reader.js';
import { createReplayFeed, type ReplayFeedOptions } from './replay-feed.js';

const begin = 1_723_161_254_000;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tickwire-replay-'));
});
afterAll(() => rm(folder, { recursive: true }));

const frame = (id: number, atMs: number, price = '10.50'): string =>
  `${begin + atMs}000000 {"stream":"btcusdt@trade","data":{"e":"trade","E":${begin + atMs},"s":"BTCUSDT","t":${id},"p":"${price}","q":"1.000","T":${begin + atMs + 1273},"m":true,"M":true}}`;

const fileOf = async (name: string, content: string | Buffer): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};

const instruments = [{ venue: 'binance', symbol: 'BTC-USDT' }];
const tradesOf = (arrays: readonly (readonly FeedEvent[])[]): Trade[] =>
  arrays.flat().flatMap((event) => (event.kind === 'trade' ? [event.trade] : []));

const play = async (options: Partial<ReplayFeedOptions> & { file: string }) => {
  const arrays: (readonly FeedEvent[])[] = [];
  const feed = createReplayFeed({ instruments, speed: 'max', ...options });
  await new Promise<void>((resolve, reject) => {
    const onEvents = (events: readonly FeedEvent[]): void => {
      arrays.push(events);
      if (events.at(-1)?.kind === 'end') resolve();
    };
    feed.start(onEvents).catch(reject);
  });
  await feed.close();
  return { arrays, feed, trades: tradesOf(arrays) };
};

const tableOf = async ({ tradesFile }: Recording): Promise<string[][]> =>
  gunzipSync(await readFile(tradesFile))
    .toString()
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

describe('a replay', () => {
  test('[M30] of a recorded connection gives every trade once, in order, with the strings of the table', async () => {
    const recording = await btcRecording();
    const trades: Trade[] = [];
    for (const file of recording.frameFiles) {
      const { arrays, feed, ...played } = await play({ file });
      trades.push(...played.trades);
      expect(feed.counters.badLines).toBe(0);
      expect(arrays.flat().filter(({ kind }) => kind === 'end')).toHaveLength(1);
      expect(arrays.at(-1)?.at(-1)).toEqual({ kind: 'end' });
      expect(arrays[0]?.[0]).toMatchObject({ kind: 'state', state: { state: 'live', symbol: 'BTC-USDT' } });
    }
    const rows = await tableOf(recording);
    expect(trades.length).toBe(rows.length);
    expect(trades.map(({ id, ts, price, size, side }) => [id, String(ts), price, size, side])).toEqual(
      rows.map(([, , tradeMs, id, price, size, side]) => [id, tradeMs, price, size, side]),
    );
    expect(trades.map(({ rts }) => rts)).toEqual(rows.map(([receivedNs = '']) => Number(receivedNs.slice(0, 13))));
  });

  test('[M30] of a table of trades gives the same trades', async () => {
    const recording = await btcRecording();
    const { trades } = await play({ file: recording.tradesFile });
    const rows = await tableOf(recording);
    expect(trades.map(({ id, price, size, side }) => [id, price, size, side])).toEqual(
      rows.map(([, , , id, price, size, side]) => [id, price, size, side]),
    );
  });

  test('[M30] of a table with exponents expands them exactly', async () => {
    const text =
      'symbol,side,price,amount,time\nBTC-USD,buy,25741.03,3.844E-5,2023-09-05T16:00:02.722748Z\n' +
      'ETH-USD,sell,1,1,2023-09-05T16:00:03.000000Z\nBTC-USD,sell,25741.02,0.02188038,2023-09-05T16:00:03.935496Z\n';
    const file = await fileOf('table.csv', text);
    const { trades, feed } = await play({ file, instruments: [{ venue: 'coinbase', symbol: 'BTC-USD' }] });
    const header = { type: 'price.trade', venue: 'coinbase', symbol: 'BTC-USD' };
    const [first, second] = [Date.UTC(2023, 8, 5, 16, 0, 2, 722), Date.UTC(2023, 8, 5, 16, 0, 3, 935)];
    expect(trades).toEqual([
      { ...header, ts: first, rts: first, id: '1', price: '25741.03', size: '0.00003844', side: 'buy' },
      { ...header, ts: second, rts: second, id: '2', price: '25741.02', size: '0.02188038', side: 'sell' },
    ]);
    expect(feed.counters).toMatchObject({ ignoredLines: 1, badLines: 0, lines: 4 });
  });

  test('[M30] of a recorded table with exponents has no exponents and no bad lines', async () => {
    const recorded = recordedFile('coinbase-btcusd-20230905T16.trades.csv.gz');
    const row = 'BTC-USD,buy,25741.03,3.844E-5,2023-09-05T16:00:02.722748Z\n';
    const file = recorded ?? (await fileOf('coinbase.csv', `symbol,side,price,amount,time\n${row.repeat(500)}`));
    const { trades, feed } = await play({ file, instruments: await discoverInstruments(file) });
    expect(trades.length).toBe(recorded ? 5882 : 500);
    expect(feed.counters.badLines).toBe(0);
    expect(trades.filter(({ price, size }) => /e/i.test(price + size))).toEqual([]);
    expect(trades.map(({ id }) => Number(id))).toEqual(trades.map((_, i) => i + 1));
  });

  test.each([1, 4])('[M31] at %p times real speed gives each line when it is due', async (speed) => {
    const times = [0, 0, 3, 250, 250, 1000, 1001, 60_000];
    const file = await fileOf(`paced-${speed}.ws`, times.map((at, i) => frame(i + 1, at)).join('\n'));
    const clock = createManualClock();
    const startedAt = clock.now();
    const reported: { id: string; at: number }[] = [];
    let ended = false;
    const feed = createReplayFeed({ file, instruments, speed, clock });
    await feed.start((events) => {
      for (const { id } of tradesOf([events])) reported.push({ id, at: clock.now() - startedAt });
      ended ||= events.some(({ kind }) => kind === 'end');
    });
    while (!ended) {
      await waitFor('the replay to sleep', () => ended || clock.pending > 0);
      clock.advanceTo(clock.nextDue() ?? clock.now());
    }
    expect(reported).toEqual(times.map((at, i) => ({ id: String(i + 1), at: Math.ceil(at / speed) })));
    expect(feed.now()).toBe(begin + Math.ceil(60_000 / speed) * speed);
    expect(clock.pending).toBe(0);
    await feed.close();
  });

  test('[M31] a replay that fell behind gives what is due at once and drops nothing', async () => {
    const lines = Array.from({ length: 500 }, (_, i) => frame(i + 1, i * 100));
    const clock = createManualClock();
    const arrays: (readonly FeedEvent[])[] = [];
    const feed = createReplayFeed({ file: await fileOf('behind.ws', lines.join('\n')), instruments, clock });
    await feed.start((events) => arrays.push(events));
    await waitFor('the first line', () => clock.pending > 0);
    expect(feed.now()).toBe(begin);
    clock.advance(30_000);
    await waitFor('all that is due', () => tradesOf(arrays).length === 301 && clock.pending > 0);
    expect(feed.now()).toBe(begin + 30_000);
    await feed.close();
  });

  test.each([1, 'max'] as const)(
    '[M147] at speed %p no array spans two seconds, and time moves with each',
    async (speed) => {
      const lines = Array.from({ length: 400 }, (_, i) => frame(i, i * 250));
      const clock = createManualClock();
      const moments: number[] = [];
      const file = await fileOf('seconds.ws', lines.join('\n'));
      const feed = createReplayFeed({ instruments, file, clock, speed });
      await new Promise<void>((resolve, reject) => {
        const onEvents = (events: readonly FeedEvent[]): void => {
          const seconds = events.flatMap((event) =>
            event.kind === 'trade' ? [Math.floor(event.trade.rts / 1_000)] : [],
          );
          if (seconds.length > 0) {
            expect(new Set(seconds).size).toBe(1);
            moments.push(Math.floor(feed.now() / 1_000) - (seconds[0] ?? 0));
          }
          // As a process that was held up.
          clock.advance(60_000);
          if (events.at(-1)?.kind === 'end') resolve();
        };
        feed.start(onEvents).catch(reject);
      });
      await feed.close();
      expect(moments.length).toBeGreaterThanOrEqual(100);
      expect(Math.max(...moments)).toBeLessThanOrEqual(1);
    },
  );

  test('[M32] as fast as possible needs no clock, and arrays are bounded', async () => {
    const lines = Array.from({ length: 1000 }, (_, i) => frame(i + 1, i * 60_000));
    const file = await fileOf('fast.ws', lines.join('\n'));
    const clock = createManualClock();
    let turns = 0;
    let isCounting = true;
    const count = (): void => {
      turns += 1;
      if (isCounting) setImmediate(count);
    };
    count();
    const { arrays, trades } = await play({ file, clock, maxEvents: 10 });
    isCounting = false;
    expect(trades).toHaveLength(1000);
    expect(Math.max(...arrays.map((events) => events.length))).toBeLessThanOrEqual(11);
    expect(turns).toBeGreaterThanOrEqual(arrays.length - 1);
    expect(clock.pending).toBe(0);
  });

  test('[M33] is read only as fast as its events are taken', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => frame(i + 1, i));
    let release = (): void => {};
    const ready = new Promise<void>((resolve) => {
      release = resolve;
    });
    const arrays: (readonly FeedEvent[])[] = [];
    const file = await fileOf('held.ws.gz', gzipSync(lines.join('\n')));
    const feed = createReplayFeed({ file, instruments, speed: 'max', untilReady: () => ready });
    await feed.start((events) => arrays.push(events));
    await waitFor('the first lines', () => feed.counters.lines > 0);
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(arrays).toEqual([]);
    expect(feed.counters.lines).toBeLessThan(1000);
    release();
    await waitFor('the end', () => arrays.at(-1)?.at(-1)?.kind === 'end', 60_000);
    expect(tradesOf(arrays)).toHaveLength(20_000);
    await feed.close();
  });

  test('[M34] bad lines are reported with their number and skipped', async () => {
    const lines = [
      ...['garbage', frame(1, 0), '', `${begin}000000 {"stream":`, frame(2, 5).replace('"10.50"', '10.5'), frame(3, 6)],
      ...[`${begin}000000 {"lastUpdateId":5,"bids":[],"asks":[]}`, 'x'.repeat(4_100_000), frame(4, 7)],
    ];
    const reported: BadLine[] = [];
    const file = await fileOf('damaged.ws', `${lines.join('\r\n')}\r\n`);
    const { trades, feed } = await play({ file, onBadLine: (badLine) => reported.push(badLine) });
    expect(trades.map(({ id }) => id)).toEqual(['1', '3', '4']);
    expect(reported.map(({ lineNumber }) => lineNumber)).toEqual([1, 4, 5, 8]);
    expect(reported[2]?.reason).toContain('expected decimal string p, got 10.5');
    expect(feed.counters).toEqual({
      lines: 9,
      usedLines: 3,
      badLines: 4,
      badEntries: 0,
      olderLines: 0,
      ignoredLines: 1,
      ignored: { other: 1 },
      events: 6,
    });
  });

  test('[M142] a bar gives its close at its end, and a row without size or taker its price; neither makes a trade', async () => {
    const last = async (text: string): Promise<readonly FeedEvent[]> => {
      const { arrays } = await play({ file: await fileOf('prices.csv', text) });
      return arrays.flat().filter(({ kind }) => kind !== 'state' && kind !== 'end');
    };
    const stats = (ms: number, price: string) => ({
      kind: 'stats',
      stats: { venue: 'binance', symbol: 'BTC-USDT', ts: begin + ms, rts: begin + ms, last: price },
    });
    expect(await last(`open_time,close\n${begin},5\n${begin + 60_000},6\n`)).toEqual([
      stats(60_000, '5'),
      stats(120_000, '6'),
    ]);
    expect(await last(`time,price\n${begin},5\n`)).toEqual([stats(0, '5')]);
  });

  test('[M140] at its end the instruments are stale, and lines are counted by their use', async () => {
    const other = frame(9, 2).replace('BTCUSDT', 'ETHUSDT');
    const depth = `${begin}000000 {"e":"depthUpdate","s":"BTCUSDT"}`;
    const file = await fileOf('counted.ws', [frame(1, 0), other, depth, depth, 'damaged', ''].join('\n'));
    const { arrays, feed } = await play({ file });
    const state = { ...instruments[0], state: 'stale', reason: 'the recording has ended', rts: begin };
    expect(arrays.at(-1)).toEqual([{ kind: 'state', state }, { kind: 'end' }]);
    expect(feed.counters).toEqual({
      lines: 5,
      usedLines: 1,
      badLines: 1,
      badEntries: 0,
      olderLines: 0,
      ignoredLines: 3,
      events: 4,
      ignored: { 'other instruments': 1, depthUpdate: 2 },
    });
  });

  test('[M35] times are as recorded, or all moved by one constant', async () => {
    const file = await fileOf('times.ws', [frame(1, 0), frame(2, 777)].join('\n'));
    const recorded = await play({ file });
    expect(recorded.trades.map(({ ts, rts }) => [ts - begin, rts - begin])).toEqual([
      [1273, 0],
      [2050, 777],
    ]);
    const clock = createManualClock();
    const shifted = await play({ file, clock, shiftToNow: true });
    expect(shifted.trades.map(({ ts, rts }) => [ts - clock.now(), rts - clock.now()])).toEqual([
      [1273, 0],
      [2050, 777],
    ]);
    expect(shifted.arrays[0]?.[0]).toMatchObject({ kind: 'state', state: { rts: clock.now() } });
    expect(shifted.feed.now()).toBe(clock.now() + 777);
  });

  test('[M36] plain, gzipped and cut-off files give what they hold', async () => {
    const text = Array.from({ length: 5000 }, (_, i) => frame(i + 1, i)).join('\n');
    const plain = await play({ file: await fileOf('plain.gz', text) });
    expect(plain.trades).toHaveLength(5000);
    const zipped = gzipSync(text);
    expect((await play({ file: await fileOf('zipped.txt', zipped) })).trades).toEqual(plain.trades);
    const cut = await play({ file: await fileOf('cut.gz', zipped.subarray(0, zipped.length / 2)) });
    expect(cut.trades.length).toBeGreaterThan(1000);
    expect(cut.trades).toEqual(plain.trades.slice(0, cut.trades.length));
    expect(cut.feed.counters.badLines).toBeLessThanOrEqual(1);
    expect([cut.feed.isCut, plain.feed.isCut]).toEqual([true, false]);
    const parts = Buffer.concat([gzipSync(text.slice(0, 100_000)), gzipSync(text.slice(100_000))]);
    const joined = await play({ file: await fileOf('joined.gz', parts) });
    expect(joined.trades).toEqual(plain.trades);
    expect(joined.feed.isCut).toBe(false);
    expect(cut.arrays.at(-1)).toMatchObject([{ kind: 'state', state: { state: 'stale' } }, { kind: 'end' }]);
  });

  test.each([
    ['a missing file', 'missing.ws', undefined, 'unreadable-file'],
    ['a folder', '.', undefined, 'unreadable-file'],
    ['an empty file', 'empty.ws', '', 'unknown-format'],
    ['another table', 'other.csv', 'open_ms,open\n1,2\n', 'unknown-format'],
  ])('[M37] %s refuses the start', async (_what, name, content, code) => {
    const file = content === undefined ? join(folder, name) : await fileOf(name, content);
    const feed = createReplayFeed({ file, instruments });
    await expect(feed.start(() => {})).rejects.toMatchObject({ code });
    await feed.close();
  });

  test('[M37] if reading fails halfway the instruments go down and the feed ends', async () => {
    const zipped = gzipSync(Array.from({ length: 20_000 }, (_, i) => frame(i + 1, i)).join('\n'));
    const half = Math.floor(zipped.length / 2);
    zipped.fill(0xff, half, half + 1000);
    const { arrays, trades } = await play({ file: await fileOf('broken.gz', zipped) });
    expect(trades.length).toBeGreaterThan(100);
    expect(trades.length).toBeLessThan(20_000);
    expect(arrays.at(-1)).toMatchObject([{ kind: 'state', state: { state: 'down' } }, { kind: 'end' }]);
  });

  test('[M37] a table that does not name its instrument needs exactly one', async () => {
    const file = await fileOf('one.csv', 'recv_ns,event_ms,trade_ms,trade_id,price,qty,taker_side\n');
    const two = [...instruments, { venue: 'binance', symbol: 'ETH-USDT' }];
    const feed = createReplayFeed({ file, instruments: two });
    await expect(feed.start(() => {})).rejects.toMatchObject({ code: 'bad-option' });
    await feed.close();
  });

  test('[M38] no event comes after close, in a wait or in the middle of the file', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => frame(i + 1, i * 1000));
    const file = await fileOf('closed.ws', lines.join('\n'));
    const clock = createManualClock();
    const waiting: (readonly FeedEvent[])[] = [];
    const paced = createReplayFeed({ file, instruments, clock });
    await paced.start((events) => waiting.push(events));
    await waitFor('the replay to sleep', () => clock.pending > 0);
    await paced.close();
    await paced.close();
    expect(clock.pending).toBe(0);
    expect(tradesOf(waiting)).toHaveLength(1);

    const fast: (readonly FeedEvent[])[] = [];
    const feed = createReplayFeed({ file, instruments, speed: 'max' });
    await feed.start((events) => fast.push(events));
    await waitFor('some events', () => fast.length > 0);
    await feed.close();
    const reported = fast.length;
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(fast.length).toBe(reported);
    expect(fast.flat().some(({ kind }) => kind === 'end')).toBe(false);
  });

  test('[M38] no event comes after close, when the consumer held the replay', async () => {
    let release = (): void => {};
    let isHeld = false;
    const ready = new Promise<void>((resolve) => {
      release = resolve;
    });
    const untilReady = (): Promise<void> => {
      isHeld = true;
      return ready;
    };
    const arrays: (readonly FeedEvent[])[] = [];
    const file = await fileOf('held-and-closed.ws', frame(1, 0));
    const feed = createReplayFeed({ file, instruments, speed: 'max', untilReady });
    await feed.start((events) => arrays.push(events));
    await waitFor('the replay to be held', () => isHeld);
    const closed = feed.close();
    release();
    await closed;
    expect(arrays).toEqual([]);
  });

  test('[M38] starts once, and not after close', async () => {
    const file = await fileOf('once.ws', frame(1, 0));
    const { feed } = await play({ file });
    await expect(feed.start(() => {})).rejects.toMatchObject({ code: 'already-started' });
  });

  test.each([
    ['a speed of zero', { speed: 0 }],
    ['a speed that is no number', { speed: Number.NaN }],
    ['no instrument', { instruments: [] }],
    ['empty arrays', { maxEvents: 0 }],
  ])('[M31] %s is refused at once', (_what, options) => {
    expect(() => createReplayFeed({ file: 'x', instruments, ...options })).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    );
  });
});

describe('discovery', () => {
  test('[M39] names what a recording holds', async () => {
    const recording = await generateRecording(folder);
    for (const file of [...recording.frameFiles, recording.tradesFile])
      expect(await discoverInstruments(file)).toEqual([{ venue: 'binance', symbol: 'BTC-USDT' }]);
    const mixed = await fileOf('mixed.ws', [frame(1, 0), frame(2, 1).replace('BTCUSDT', 'ETHBTC')].join('\n'));
    expect(await discoverInstruments(mixed)).toEqual([
      { venue: 'binance', symbol: 'BTC-USDT' },
      { venue: 'binance', symbol: 'ETH-BTC' },
    ]);
    expect(await discoverInstruments(mixed, { maxLines: 1 })).toEqual([{ venue: 'binance', symbol: 'BTC-USDT' }]);
  });

  test.each([
    [
      'a file without a known pair in its name',
      'trades.csv',
      'recv_ns,event_ms,trade_ms,trade_id,price,qty,taker_side\n',
    ],
    ['a recording of names it cannot read', 'odd.ws', frame(1, 0).replace('"BTCUSDT"', '"QQQ"')],
    ['what is no recording', 'text.txt', 'hello\n'],
  ])('[M39] refuses %s', async (_what, name, content) => {
    await expect(discoverInstruments(await fileOf(name, content))).rejects.toMatchObject({ code: 'unknown-format' });
  });
});
