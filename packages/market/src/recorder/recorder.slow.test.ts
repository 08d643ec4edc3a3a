import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { seededRandom, startVirtualFeed } from '../../../../tests/support/exchanges/index.js';
import { waitFor } from '../../../../tests/support/wait-for.js';
import { venueNames } from '../exchange/venues.js';
import type { FeedEvent } from '../feed.js';
import { discoverInstruments } from '../replay/discover-instruments.js';
import { createReplayFeed } from '../replay/replay-feed.js';
import { createRecorder, type RecorderOptions } from './recorder.js';
import { formatFrame, formatHeader, parseHeader, unquoteFrame } from './recording-format.js';
import type { SegmentFile } from './segment.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tickwire-recorder-'));
});
afterAll(() => rm(folder, { recursive: true }));

const pairs = [{ symbol: 'BTC-USDT', name: 'BTCUSDT' }];
const describeBinance = () => ({ venue: 'binance' as const, pairs });
const start = Date.UTC(2024, 0, 1);

const create = (name: string, options: Partial<RecorderOptions> = {}) => {
  const clock = createManualClock(start);
  const recorder = createRecorder({ file: join(folder, name), describe: describeBinance, clock, ...options });
  const write = (text: string, rts = clock.now()): void => recorder.write({ venue: 'binance', rts, text });
  return { clock, recorder, write };
};

/** A disk in memory that is full at `capacity`, and writes what still fits before it fails. */
const createDisk = () => {
  const contents = new Map<string, Buffer>();
  let open = 0;
  const used = (): number => [...contents.values()].reduce((sum, { length }) => sum + length, 0);
  const busy = async <T>(work: () => T): Promise<T> => {
    open += 1;
    await new Promise(setImmediate);
    open -= 1;
    return work();
  };
  const disk = {
    capacity: Number.POSITIVE_INFINITY,
    used,
    isIdle: (): boolean => open === 0,
    files: (): string[] => [...contents].filter(([, { length }]) => length > 0).map(([path]) => path),
    textOf: (path: string): string =>
      gunzipSync(contents.get(path) as Buffer, { finishFlush: constants.Z_SYNC_FLUSH }).toString(),
    create: (path: string): Promise<SegmentFile> =>
      busy(() => {
        // The search for a free name does not see files of this disk.
        const name = contents.has(path) ? `${path}.${contents.size}` : path;
        contents.set(name, Buffer.alloc(0));
        return {
          write: (bytes: Buffer, offset: number, length: number, position: number) =>
            busy(() => {
              const content = contents.get(name) as Buffer;
              const bytesWritten = Math.min(length, Math.max(0, disk.capacity - used()));
              if (bytesWritten === 0) throw new Error('ENOSPC: no space left on device, write');
              const part = bytes.subarray(offset, offset + bytesWritten);
              contents.set(name, Buffer.concat([content.subarray(0, position), part]));
              return { bytesWritten };
            }),
          truncate: (length: number) =>
            busy(() => void contents.set(name, (contents.get(name) as Buffer).subarray(0, length))),
          stat: () => busy(() => ({ nlink: 1 })),
          close: () => busy(() => {}),
        };
      }),
  };
  return disk;
};

const linesOf = async (file: string): Promise<string[]> =>
  gunzipSync(await readFile(file))
    .toString()
    .split('\n')
    .slice(0, -1);

const framesOf = async (files: readonly string[]): Promise<string[]> =>
  (await Promise.all(files.map(linesOf)))
    .flat()
    .filter((line) => !line.startsWith('#'))
    .map((line) => unquoteFrame(line.slice(line.indexOf(' ') + 1)));

describe('a recorder', () => {
  test('[M96] keeps every frame bit by bit, whatever it holds, with its receive time', async () => {
    const { recorder, write } = create('exact.ws.gz');
    const frames = [
      ...['{"a":1}', '[1]', '{"a": 1.0,\n "b":"é\u0000"}', '', 'ping', '# no comment', '"text"', '{\r\n}', ' {"a":1}'],
      ...['{"a":"\\ud800"}', `{"long":"${'x'.repeat(200_000)}"}`],
    ];
    for (const [i, frame] of frames.entries()) write(frame, start + i);
    await recorder.close();
    expect(recorder.files).toEqual([join(folder, 'exact-20240101T000000000.ws.gz')]);
    expect(await framesOf(recorder.files)).toEqual(frames);
    const lines = await linesOf(recorder.files[0] as string);
    expect(lines.slice(0, 3)).toEqual([
      '# tickwire-recording {"venue":"binance","pairs":[{"symbol":"BTC-USDT","name":"BTCUSDT"}]}',
      `${start}000000 {"a":1}`,
      `${start + 1}000000 [1]`,
    ]);
    expect(recorder.counters).toEqual({ frames: frames.length, dropped: 0, errors: 0 });
  });

  test('[M96] a header that is damaged or of an unknown venue is not a header', () => {
    const header = { venue: 'kraken', pairs: [{ symbol: 'BTC-USD', name: 'BTC/USD', priceDecimals: 1 }] } as const;
    expect(parseHeader(formatHeader(header))).toEqual(header);
    for (const [from, to] of [
      ['kraken"', 'nasdaq"'],
      ['"BTC-USD"', '"btc"'],
      ['priceDecimals":1', 'priceDecimals":"1"'],
      ['}]}', '}]'],
      ['# tick', '#tick'],
    ] as const)
      expect(parseHeader(formatHeader(header).replace(from, to))).toBeUndefined();
    expect(formatFrame(5, '{}')).toBe('5000000 {}');
  });

  test('[M97] begins a new part by size and by age, each with its own header and name', async () => {
    const { recorder, write, clock } = create('rotated.ws.gz', {
      rotateMs: 60_000,
      rotateBytes: 20_000,
      flushMs: 1_000,
    });
    const frames: string[] = [];
    const next = (text: string): void => {
      frames.push(text);
      write(text);
    };
    const written = (): Promise<unknown> => {
      clock.advance(1_000);
      return waitFor('all to be on disk', () => recorder.counters.frames === frames.length);
    };
    next('{"n":0}');
    await written();
    clock.advance(58_000);
    next('{"n":1}');
    await written();
    expect(recorder.files).toHaveLength(1);
    next('{"n":2}');
    await written();
    expect(recorder.files).toHaveLength(2);
    // Text that hardly compresses, until the part has its size.
    const random = seededRandom(7);
    for (let i = 0; recorder.files.length < 3 && i < 2_000; i++) {
      next(`{"x":"${random()}${random()}${random()}"}`);
      if (i % 50 === 0) await written();
    }
    await recorder.close();
    expect(recorder.files).toHaveLength(3);
    expect(new Set(recorder.files).size).toBe(3);
    for (const file of recorder.files) expect(parseHeader((await linesOf(file))[0] as string)).toBeDefined();
    expect(await framesOf(recorder.files)).toEqual(frames);
  });

  test('[M97] parts begun in one millisecond overwrite neither each other nor existing files', async () => {
    await writeFile(join(folder, 'same-20240101T000000000.ws.gz'), 'precious');
    const first = create('same.ws.gz');
    first.write('{"n":1}');
    await first.recorder.close();
    const second = create('same.ws.gz');
    second.write('{"n":2}');
    await second.recorder.close();
    expect([...first.recorder.files, ...second.recorder.files]).toEqual([
      join(folder, 'same-20240101T000000000-2.ws.gz'),
      join(folder, 'same-20240101T000000000-3.ws.gz'),
    ]);
    expect(await readFile(join(folder, 'same-20240101T000000000.ws.gz'), 'utf8')).toBe('precious');
  });

  test('[M98] what was flushed can be read before the file has its end', async () => {
    const { recorder, write, clock } = create('flushed.ws.gz', { flushMs: 500 });
    write('{"n":1}');
    clock.advance(500);
    await waitFor('the flush', () => recorder.counters.frames === 1);
    const [file = ''] = recorder.files;
    const read = async (): Promise<string> =>
      gunzipSync(await readFile(file), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    expect(await read()).toMatch(/{"n":1}\n$/);
    write('{"n":2}');
    expect(await read()).toMatch(/{"n":1}\n$/);
    await recorder.close();
    expect(await framesOf(recorder.files)).toEqual(['{"n":1}', '{"n":2}']);
  });

  test('[M99] frames the disk does not keep up with are dropped, counted, and noted in their place', async () => {
    const errors: string[] = [];
    const { recorder, write, clock } = create('slow.ws.gz', {
      maxBufferedBytes: 100_000,
      onError: ({ message }) => errors.push(message),
    });
    const frame = `{"x":"${'y'.repeat(9_990)}"}`;
    for (let i = 0; i < 50; i++) write(frame);
    const { dropped } = recorder.counters;
    expect(dropped).toBeGreaterThan(20);
    clock.advance(500);
    await waitFor('room', () => recorder.counters.frames === 50 - dropped);
    write('{"n":1}');
    await recorder.close();
    expect(recorder.counters).toEqual({ frames: 51 - dropped, dropped, errors: 0 });
    expect(errors).toEqual(['the disk does not keep up']);
    const lines = await linesOf(recorder.files[0] as string);
    expect(lines.at(-2)).toBe(`# ${dropped} frames are missing here`);
  });

  test('[M99] frames wait while a folder is not writable, and are written after that', async () => {
    await writeFile(join(folder, 'no-folder'), '');
    const reported: string[] = [];
    const { recorder, write, clock } = create('no-folder/x.ws.gz', {
      onError: () => reported.push('error'),
      onRecovered: (dropped: number) => reported.push(`recovered, ${dropped} lost`),
    });
    write('{"n":1}');
    clock.advance(500);
    await waitFor('the error', () => reported.length === 1);
    write('{"n":2}');
    clock.advance(9_000);
    expect(recorder.counters).toEqual({ frames: 0, dropped: 0, errors: 1 });
    await rm(join(folder, 'no-folder'));
    clock.advance(1_000);
    await waitFor('both frames', () => recorder.counters.frames === 2);
    await recorder.close();
    expect(await framesOf(recorder.files)).toEqual(['{"n":1}', '{"n":2}']);
    expect(reported).toEqual(['error', 'recovered, 0 lost']);
  });

  test('[M143] frames of a file that was deleted are dropped and noted, those of one that was moved are not', async () => {
    const reported: string[] = [];
    const { recorder, write, clock } = create('gone.ws.gz', {
      onError: ({ message }) => reported.push(message),
      onRecovered: (dropped: number) => reported.push(`${dropped} lost`),
    });
    const next = async (text: string): Promise<void> => {
      const { frames, dropped } = recorder.counters;
      write(text);
      clock.advance(500);
      await waitFor('the frame', () => recorder.counters.frames + recorder.counters.dropped > frames + dropped);
    };
    await next('{"n":1}');
    const [moved = ''] = recorder.files;
    await rename(moved, `${moved}.moved`);
    await next('{"n":2}');
    expect(recorder.counters).toEqual({ frames: 2, dropped: 0, errors: 0 });
    await rm(`${moved}.moved`);
    await next('{"n":3}');
    await recorder.close();
    expect(recorder.counters).toEqual({ frames: 1, dropped: 2, errors: 0 });
    expect(reported).toEqual([`${moved} was deleted`, '2 lost']);
    expect(recorder.files).toHaveLength(1);
    expect((await linesOf(recorder.files[0] as string)).slice(1)).toEqual([
      '# 2 frames are missing here',
      expect.stringMatching(/ {"n":3}$/),
    ]);
  });

  test('[M143] whatever the disk does, each frame is in the files once and in order, or counted as dropped', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = seededRandom(seed);
      const disk = createDisk();
      const options = { maxBufferedBytes: 40_000, rotateBytes: 30_000, createFile: disk.create };
      const reported: string[] = [];
      const { recorder, write, clock } = create('memory.ws.gz', {
        ...options,
        onError: () => reported.push('error'),
        onRecovered: () => reported.push('recovered'),
      });
      let count = 0;
      for (let round = 0; round < 20; round++) {
        disk.capacity = random() < 0.4 ? disk.used() + Math.floor(random() * 3_000) : Number.POSITIVE_INFINITY;
        for (let i = 0; i < 60; i++) write(`{"n":${count++},"x":"${random()}${random()}"}`);
        clock.advance(random() < 0.5 ? 500 : 11_000);
        await waitFor('the disk to rest', () => disk.isIdle());
      }
      await recorder.close();
      const texts = recorder.files.map((file) => disk.textOf(file));
      const ids = texts.flatMap((text) => [...text.matchAll(/{"n":(\d+),/g)].map(([, id]) => Number(id)));
      expect({ seed, ids }).toEqual({ seed, ids: [...new Set(ids)].sort((a, b) => a - b) });
      const { frames, dropped } = recorder.counters;
      expect({ seed, frames, all: frames + dropped }).toEqual({ seed, frames: ids.length, all: count });
      // Notes stand in place of missing frames; those missing at the end cannot be noted.
      const noted = texts.flatMap((text) => [...text.matchAll(/^# (\d+) frames are missing here$/gm)]);
      const missingBefore = (ids.at(-1) ?? -1) + 1 - ids.length;
      expect({ seed, noted: noted.reduce((sum, [, n]) => sum + Number(n), 0) }).toEqual({ seed, noted: missingBefore });
      expect(disk.files()).toEqual(recorder.files);
      expect(reported.filter((word, i) => word === reported[i - 1])).toEqual([]);
    }
  });

  test('[M99] impossible options are rejected', () => {
    for (const wrong of [{ rotateBytes: 0 }, { rotateMs: -1 }, { flushMs: Number.NaN }])
      expect(() => create('x', wrong)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('a recording', () => {
  const play = async (file: string): Promise<readonly FeedEvent[]> => {
    const events: FeedEvent[] = [];
    const feed = createReplayFeed({ file, instruments: await discoverInstruments(file), speed: 'max' });
    await feed.start((array) => events.push(...array));
    await waitFor('the end', () => events.at(-1)?.kind === 'end');
    await feed.close();
    expect(feed.counters.badLines).toBe(0);
    return events;
  };

  const marketOf = (events: readonly FeedEvent[]) =>
    events.filter(({ kind }) => kind === 'trade' || kind === 'quote' || kind === 'stats');

  test.each(venueNames)('[M100] of %s plays the events of the live feed again', async (venue) => {
    const file = join(folder, `${venue}.ws.gz`);
    let describeVenue = describeBinance as RecorderOptions['describe'];
    const recorder = createRecorder({ file, describe: () => describeVenue() });
    const { run, feed, record, exchange } = await startVirtualFeed(venue, {
      feed: { onRawFrame: recorder.write },
    });
    describeVenue = () => ({ venue, pairs: feed.pairs });
    await run(20_000);
    exchange.faults.duplicateTrades = 3;
    exchange.faults.swapTrades = 2;
    await run(10_000);
    await run(2_000, 0);
    await feed.close();
    await recorder.close();
    const [path = ''] = recorder.files;
    expect(await discoverInstruments(path)).toEqual(feed.instruments);
    const events = await play(path);
    expect(marketOf(events)).toEqual(marketOf(record.events));
  });

  test('[M100] with a hole reports the gap when no more trades can come, at the latest at its end', async () => {
    const trade = (id: number, atMs: number): string =>
      formatFrame(
        start + atMs,
        `{"e":"trade","E":1,"s":"BTCUSDT","t":${id},"p":"1.50","q":"2","T":${start + atMs},"m":true,"M":true}`,
      );
    const lines = [trade(1, 0), trade(3, 100), trade(5, 1_000), trade(4, 1_100), trade(6, 6_000), trade(8, 6_100)];
    const file = join(folder, 'holes.ws');
    await writeFile(file, [formatHeader(describeBinance()), '# a comment', ...lines].join('\n'));
    const events = await play(file);
    const short = events.flatMap((event) => {
      if (event.kind === 'trade') return [event.trade.id];
      return event.kind === 'gap' ? [`${event.gap.afterId}..${event.gap.beforeId}`] : [];
    });
    expect(short).toEqual(['1', '1..3', '3', '4', '5', '6', '6..8', '8']);
  });
});
