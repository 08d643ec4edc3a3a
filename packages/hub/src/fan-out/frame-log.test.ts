import { describe, expect, test } from '@jest/globals';
import { testSeed } from '../../../../tests/support/depth.js';
import { createRandom } from '../testing/index.js';
import { FrameLog } from './frame-log.js';
import { Stream } from './stream.js';

const stream = new Stream('s');
const frame = (text: string): Uint8Array => Buffer.from(text);

const readAll = (log: FrameLog<Stream>, from: number): { text: string; writes: number; items: number } => {
  let text = '';
  let items = 0;
  let writes = 0;
  for (let cursor = from; cursor < log.head; writes += 1) {
    const view = log.view(cursor);
    text += Buffer.from(view).toString('latin1');
    items += log.viewItems;
    cursor += view.length;
  }
  return { text, writes, items };
};

describe('frame log', () => {
  test('[B3] sessions at the same cursor get the same bytes, one object for all', () => {
    const log = new FrameLog<Stream>(100_000);
    log.append(frame('one'), [stream]);
    log.append(frame('two'), [stream]);
    expect(log.view(0)).toBe(log.view(0));
    expect(Buffer.from(log.view(0)).toString()).toBe('onetwo');
    expect(log.viewItems).toBe(2);
  });

  test('[B3] a view that spans chunks is the same object for all too, and one write', () => {
    const log = new FrameLog<Stream>(1_048_576);
    for (let i = 0; i < 40; i += 1) log.append(Buffer.alloc(100, i), [stream]);
    const view = log.view(0);
    expect(view.length).toBe(4_000);
    expect(log.viewItems).toBe(40);
    expect(log.view(3_900).length).toBe(100);
    // A session at another cursor has not changed it.
    expect(log.view(0)).toBe(view);
  });

  test('[B3] a backlog of many writes gives each session the same objects', () => {
    const log = new FrameLog<Stream>(8_388_608);
    for (let i = 0; i < 20; i += 1) log.append(Buffer.alloc(100_000, i), [stream]);
    const first = log.view(0);
    const second = log.view(first.length);
    expect(first.length + second.length).toBeLessThan(log.head);
    expect(log.view(0)).toBe(first);
    expect(log.view(first.length)).toBe(second);
  });

  test('[B90] a view of few bytes ends with a frame, and has at least one', () => {
    const log = new FrameLog<Stream>(100_000);
    for (let i = 0; i < 50; i += 1) log.append(Buffer.alloc(100, i), [stream, stream]);
    const seen: number[][] = [];
    for (let cursor = 0; cursor < log.head; ) {
      const view = log.viewUpTo(cursor, cursor === 0 ? 50 : 1_250);
      seen.push([view.length, log.viewItems]);
      expect(view[0]).toBe(cursor / 100);
      cursor += view.length;
    }
    expect(seen[0]).toEqual([100, 2]);
    expect(seen.every(([bytes = 0, items]) => bytes <= 1_200 && items === bytes / 50)).toBe(true);
    expect(seen.reduce((sum, [bytes = 0]) => sum + bytes, 0)).toBe(log.head);
    expect(log.viewUpTo(log.head - 300, 1_000)).toBe(log.view(log.head - 300));
  });

  test('[B8] bytes handed out are never changed later', () => {
    const log = new FrameLog<Stream>(65_536);
    log.append(frame('abc'), [stream]);
    const view = log.view(0);
    for (let i = 0; i < 200; i += 1) log.append(Buffer.alloc(700, 0x7a), [stream]);
    log.trim(log.head);
    log.append(Buffer.alloc(700, 0x79), [stream]);
    expect(Buffer.from(view).toString()).toBe('abc');
  });

  test('[B20] trimming frees all chunks before the slowest cursor', () => {
    const log = new FrameLog<Stream>(65_536);
    for (let i = 0; i < 100; i += 1) log.append(Buffer.alloc(500), [stream]);
    log.trim(25_000);
    expect(log.tail).toBeGreaterThan(10_000);
    expect(log.tail).toBeLessThanOrEqual(25_000);
    expect(readAll(log, 25_000).text.length).toBe(25_000);
    log.trim(log.head);
    expect(log.head - log.tail).toBeLessThanOrEqual(8_192);
  });

  test('[B20] a chunk can be dropped whatever room it has left', () => {
    const log = new FrameLog<Stream>(100);
    log.append(Buffer.alloc(150), [stream]);
    log.dropOldestChunk();
    expect(log.tail).toBe(log.head);
    log.append(frame('next'), [stream]);
    expect(readAll(log, 150).text).toBe('next');
  });

  test('[B24] notices are found behind a cursor with their own frame, between the items', () => {
    const log = new FrameLog<Stream>(100_000);
    const other = new Stream('other');
    log.append(frame('old'), [stream]);
    log.append(frame('[a,b]'), [stream, other]);
    log.appendNotice(frame('lost!'), other);
    log.append(frame('new'), [other]);
    const seen: unknown[] = [];
    log.forEachSince(3, (which, notice) => seen.push([which.name, notice && Buffer.from(notice).toString()]));
    expect(seen).toEqual([
      ['s', undefined],
      ['other', undefined],
      ['other', 'lost!'],
      ['other', undefined],
    ]);
  });

  test('[B1] any mix of appends, reads and trims gives every reader every byte in order', () => {
    const seed = testSeed;
    const random = createRandom(seed);
    const log = new FrameLog<Stream>(20_000 + random.below(200_000));
    const readers = [0, 0, 0].map(() => ({ cursor: 0, text: '', items: 0 }));
    let all = '';
    for (let step = 0; step < 2_000; step += 1) {
      const text = String.fromCharCode(97 + (step % 26)).repeat(1 + random.below(random.chance(0.02) ? 9_000 : 300));
      log.append(frame(text), [stream]);
      all += text;
      for (const reader of readers) {
        if (!random.chance(0.3)) continue;
        const view = log.view(reader.cursor);
        reader.cursor += view.length;
        reader.items += view.length > 0 ? log.viewItems : 0;
        reader.text += Buffer.from(view).toString('latin1');
      }
      if (random.chance(0.1)) log.trim(Math.min(...readers.map(({ cursor }) => cursor)));
    }
    for (const reader of readers) {
      const rest = readAll(log, reader.cursor);
      expect({ seed, isSame: reader.text + rest.text === all }).toEqual({ seed, isSame: true });
      expect({ seed, items: reader.items + rest.items }).toEqual({ seed, items: 2_000 });
    }
  });
});
