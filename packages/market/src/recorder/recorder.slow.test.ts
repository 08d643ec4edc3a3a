import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startVirtualFeed } from '../../../../tests/support/exchanges/index.js';
import { waitFor } from '../../../../tests/support/wait-for.js';
import { venueNames } from '../exchange/venues.js';
import type { FeedEvent } from '../feed.js';
import { discoverInstruments } from '../replay/discover-instruments.js';
import { createReplayFeed } from '../replay/replay-feed.js';
import { createManualClock } from '../testing/index.js';
import { createRecorder, type RecorderOptions } from './recorder.js';
import { formatFrame, formatHeader, parseHeader, unquoteFrame } from './recording-format.js';

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

  test('[M96] a header that is damaged or of an unknown venue is none', () => {
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
    next('{"n":0}');
    clock.advance(59_000);
    next('{"n":1}');
    clock.advance(1_000);
    next('{"n":2}');
    expect(recorder.files).toHaveLength(2);
    // What hardly compresses, until the part has its size.
    for (let i = 0; recorder.files.length < 3 && i < 2_000; i++) {
      next(`{"x":"${Math.random()}${Math.random()}${Math.random()}"}`);
      if (i % 20 === 0) clock.advance(1_000);
      if (i % 20 === 0) await new Promise(setImmediate);
    }
    await recorder.close();
    expect(recorder.files.length).toBeGreaterThanOrEqual(3);
    expect(new Set(recorder.files).size).toBe(recorder.files.length);
    for (const file of recorder.files) expect(parseHeader((await linesOf(file))[0] as string)).toBeDefined();
    expect(await framesOf(recorder.files)).toEqual(frames);
  });

  test('[M97] parts begun in one millisecond do not overwrite each other, nor what is there', async () => {
    await writeFile(join(folder, 'same-20240101T000000000.ws.gz'), 'precious');
    const first = create('same.ws.gz');
    first.write('{"n":1}');
    await waitFor('the file', () => existsSync(join(folder, 'same-20240101T000000000-2.ws.gz')));
    const second = create('same.ws.gz');
    second.write('{"n":2}');
    await Promise.all([first.recorder.close(), second.recorder.close()]);
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
    const [file = ''] = recorder.files;
    const read = async (): Promise<string> =>
      gunzipSync(await readFile(file), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    await waitFor('the flush', async () => existsSync(file) && (await read()).endsWith('{"n":1}\n'));
    write('{"n":2}');
    expect((await read()).endsWith('{"n":1}\n')).toBe(true);
    await recorder.close();
    expect(await framesOf(recorder.files)).toEqual(['{"n":1}', '{"n":2}']);
  });

  test('[M99] frames the disk does not keep up with are dropped, counted, and noted in their place', async () => {
    const { recorder, write, clock } = create('full.ws.gz', { maxBufferedBytes: 100_000 });
    const frame = `{"x":"${'y'.repeat(9_990)}"}`;
    for (let i = 0; i < 50; i++) write(frame);
    const { dropped } = recorder.counters;
    expect(dropped).toBeGreaterThan(20);
    await waitFor('room', () => {
      clock.advance(500);
      write('{"n":1}');
      return recorder.counters.dropped === dropped || recorder.counters.frames > 50 - dropped;
    });
    await recorder.close();
    const lines = await linesOf(recorder.files[0] as string);
    const notes = lines.filter((line) => line.endsWith(' frames are missing here'));
    const noted = notes.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
    expect(noted).toBe(recorder.counters.dropped);
  });

  test('[M99] a file that cannot be written is told; frames are dropped, and a new part is tried later, with what still waited', async () => {
    await writeFile(join(folder, 'no-folder'), '');
    const errors: Error[] = [];
    const { recorder, write, clock } = create('no-folder/x.ws.gz', { onError: (error) => errors.push(error) });
    write('{"n":1}');
    await waitFor('the error', () => errors.length === 1);
    write('{"n":2}');
    expect(recorder.counters).toEqual({ frames: 1, dropped: 1, errors: 1 });
    await rm(join(folder, 'no-folder'));
    clock.advance(10_000);
    write('{"n":3}');
    await recorder.close();
    expect(await framesOf(recorder.files.slice(-1))).toEqual(['{"n":1}', '{"n":3}']);
  });

  test('[M99] options that make no sense are refused', () => {
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

  test('[M100] with a hole tells the gap, once it is clear that nothing more comes, and at the latest at its end', async () => {
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
