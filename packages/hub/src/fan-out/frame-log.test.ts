import { describe, expect, test } from '@jest/globals';
import { testSeed } from '../../../../tests/support/depth.js';
import { createRandom } from '../testing/index.js';
import { type Frame, FrameLog } from './frame-log.js';

const frame = (bytes: string | Uint8Array, tags: readonly string[] = ['s'], isNotice = false): Frame<string> => ({
  bytes: Buffer.from(bytes),
  tags,
  isNotice,
});

const logOf = (...frames: readonly Frame<string>[]): FrameLog<string> => {
  const log = new FrameLog<string>();
  for (const each of frames) log.append(each);
  return log;
};

const textAt = (log: FrameLog<string>, from: number): string => Buffer.from(log.view(from).bytes).toString('latin1');

const readAll = (log: FrameLog<string>, from: number): { text: string; items: number } => {
  let text = '';
  let items = 0;
  for (let cursor = from; cursor < log.head; ) {
    const view = log.view(cursor);
    text += Buffer.from(view.bytes).toString('latin1');
    items += view.items;
    cursor = view.to;
  }
  return { text, items };
};

describe('frame log', () => {
  test('[B3] sessions at the same cursor get the same bytes, one object for all', () => {
    const log = logOf(frame('one'), frame('two'));
    expect(log.view(0)).toBe(log.view(0));
    expect(textAt(log, 0)).toBe('onetwo');
    expect(log.view(0)).toMatchObject({ to: 2, items: 2 });
  });

  test('[B3] a single frame is not copied', () => {
    const only = frame('one');
    expect(logOf(only).view(0).bytes).toBe(only.bytes);
  });

  test('[B3] sessions at another cursor do not change what those at the first get', () => {
    const log = logOf(...Array.from({ length: 40 }, (_, index) => frame(Buffer.alloc(100, index))));
    const view = log.view(0);
    expect(view).toMatchObject({ items: 40, to: 40 });
    expect(log.view(39).bytes.length).toBe(100);
    expect(log.view(0)).toBe(view);
    for (let from = 1; from < 40; from += 1) log.view(from);
    expect(readAll(log, 0).items).toBe(40);
  });

  test('[B3] a backlog of many writes gives each session the same objects', () => {
    const log = logOf(...Array.from({ length: 20 }, (_, index) => frame(Buffer.alloc(100_000, index))));
    const first = log.view(0);
    const second = log.view(first.to);
    expect(second.to).toBeLessThan(log.head);
    log.append(frame('more'));
    expect(log.view(0)).toBe(first);
    expect(log.view(first.to)).toBe(second);
  });

  test('[B2] one write carries about 256 KiB at most, but at least one frame', () => {
    const log = logOf(frame(Buffer.alloc(500_000)), frame(Buffer.alloc(200_000)), frame(Buffer.alloc(100_000)));
    expect([log.view(0).to, log.view(1).to, log.view(2).to]).toEqual([1, 2, 3]);
  });

  test('[B90] a view of few bytes ends with a frame, and has at least one', () => {
    const log = logOf(...Array.from({ length: 50 }, (_, index) => frame(Buffer.alloc(100, index), ['s', 't'])));
    const seen: number[][] = [];
    for (let cursor = 0; cursor < log.head; ) {
      const view = log.viewUpTo(cursor, cursor === 0 ? 50 : 1_250);
      seen.push([view.bytes.length, view.items]);
      expect(view.bytes[0]).toBe(cursor);
      cursor = view.to;
    }
    expect(seen[0]).toEqual([100, 2]);
    expect(seen.every(([bytes = 0, items]) => bytes <= 1_200 && items === bytes / 50)).toBe(true);
    expect(seen.reduce((sum, [bytes = 0]) => sum + bytes, 0)).toBe(log.bytes);
    expect(log.viewUpTo(log.head - 3, 1_000)).toBe(log.view(log.head - 3));
  });

  test('[B8] bytes handed out are never changed later', () => {
    const log = logOf(frame('abc'), frame('def'));
    const { bytes } = log.view(0);
    for (let i = 0; i < 200; i += 1) log.append(frame(Buffer.alloc(700, 0x7a)));
    log.trim(log.head);
    log.append(frame(Buffer.alloc(700, 0x79)));
    expect(Buffer.from(bytes).toString()).toBe('abcdef');
  });

  test('[B20] trimming frees all frames before the slowest cursor', () => {
    const log = logOf(...Array.from({ length: 100 }, () => frame(Buffer.alloc(500))));
    log.trim(50);
    expect([log.tail, log.bytes, log.bytesSince(60)]).toEqual([50, 25_000, 20_000]);
    log.trim(20);
    expect(readAll(log, 50).text.length).toBe(25_000);
    log.trim(log.head);
    expect([log.tail, log.bytes]).toEqual([100, 0]);
  });

  test('[B20] it knows the cursor from which on it holds no more than a bound', () => {
    const log = logOf(frame('aaaa'), frame('bb'), frame('c'));
    expect([8, 7, 6, 3, 2, 0].map((bytes) => log.cursorAt(bytes))).toEqual([0, 0, 1, 1, 2, 3]);
  });

  test('[B24] notices are found behind a cursor with their own frame, between the items', () => {
    const log = logOf(
      frame('old'),
      frame('[a,b]', ['s', 'other']),
      frame('lost!', ['other'], true),
      frame('new', ['other']),
    );
    const seen: unknown[] = [];
    log.forEachSince(1, (which, notice) => seen.push([which, notice && Buffer.from(notice).toString()]));
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
    const log = new FrameLog<string>();
    const readers = [0, 0, 0].map(() => ({ cursor: 0, text: '', items: 0 }));
    let all = '';
    for (let step = 0; step < 2_000; step += 1) {
      const text = String.fromCharCode(97 + (step % 26)).repeat(1 + random.below(random.chance(0.02) ? 9_000 : 300));
      log.append(frame(text));
      all += text;
      for (const reader of readers) {
        if (!random.chance(0.3)) continue;
        const view = log.view(reader.cursor);
        reader.cursor = view.to;
        reader.items += view.items;
        reader.text += Buffer.from(view.bytes).toString('latin1');
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
