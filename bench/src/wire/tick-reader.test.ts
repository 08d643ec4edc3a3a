import { describe, expect, test } from '@jest/globals';
import { tickBytes, tickMessage, tickWithChannel } from './tick-payload.js';
import { TickReader } from './tick-reader.js';

const pts = 1_732_284_000_123.456;
const tick = (channel: number, seq: number, more = {}): string =>
  JSON.stringify({ ...tickWithChannel(channel, tickMessage(channel, seq, 'b', pts + seq)), ...more });

const readAll = (reader: TickReader, texts: readonly string[]) =>
  texts.map((json) => {
    // Something before it, as in a read that brought several frames.
    const buffer = Buffer.from(`xx${json}`);
    expect(reader.read(buffer, 2, buffer.length)).toBe(true);
    return { channel: reader.channel, seq: reader.seq, ptsMs: reader.ptsMs };
  });

describe('TickReader', () => {
  const wanted = [
    [0, 1],
    [7, 9],
    [19, 10],
    [3, 99_999],
    [3, 100_000],
    [42, 1_234_567],
  ] as const;
  const expected = wanted.map(([channel, seq]) => ({ channel, seq, ptsMs: expect.closeTo(pts + seq, 2) }));

  test.each([
    ['the plain JSON of the gateway', (json: string) => json],
    ['an event of Socket.IO', (json: string) => `42["tick",${json}]`],
  ])('[BN3] reads ticks in %s', (_, wrap) => {
    const texts = wanted.map(([channel, seq]) => wrap(tick(channel, seq)));
    expect(readAll(new TickReader(), texts)).toEqual(expected);
  });

  test('[BN3] reads one tick after another in an array', () => {
    const reader = new TickReader();
    const buffer = Buffer.from(`[${wanted.map(([channel, seq]) => tick(channel, seq)).join(',')}]`);
    let start = 1;
    const seqs: number[] = [];
    while (start < buffer.length && reader.read(buffer, start, buffer.length)) {
      seqs.push(reader.seq);
      start = reader.end + 1;
    }
    expect(seqs).toEqual(wanted.map(([, seq]) => seq));
  });

  test('[BN3] takes nothing else for a tick', () => {
    const reader = new TickReader();
    const notice = Buffer.from('{"type":"channel.stale","channel":"trade.sim.C000-USD"}');
    expect(reader.read(notice, 0, notice.length)).toBe(false);
    readAll(reader, [tick(1, 5)]);
    expect(reader.read(notice, 0, notice.length)).toBe(false);
  });

  test('[BN4] reads how many a slow client is notified that it missed', () => {
    const reader = new TickReader();
    readAll(reader, [tick(1, 5)]);
    const skipping = Buffer.from(`[${tick(1, 9, { skipped: 3 })},${tick(1, 10)}]`);
    expect(reader.read(skipping, 1, skipping.length)).toBe(true);
    expect(reader.seq).toBe(9);
    expect(reader.skippedIn(skipping, 1)).toBe(3);
    const from = reader.end + 1;
    expect(reader.read(skipping, from, skipping.length)).toBe(true);
    expect(reader.seq).toBe(10);
    expect(reader.skippedIn(skipping, from)).toBe(0);
  });
});

describe('tickMessage', () => {
  test('[BN12] makes JSON of the same length whatever the seq and the stamp', () => {
    for (const seq of [1, 12, 999, 100_000, 9_999_999]) {
      for (const stamp of [pts, Math.floor(pts), pts + 0.1]) {
        const json = JSON.stringify(tickWithChannel(5, tickMessage(5, seq, 'b', stamp)));
        expect(json).toHaveLength(tickBytes);
      }
    }
  });
});
