import { constants, inflateRawSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { createWebSocketFormat, type MessageCodec } from './websocket-format.js';
import { opcodes } from './websocket-frame.js';
import { NoticeItem, Publication } from './wire-format.js';

const createFormats = () => {
  let encoded = 0;
  const codec: MessageCodec = {
    name: 'test',
    opcode: opcodes.text,
    encodePublication({ position }, skipped) {
      encoded += 1;
      return Buffer.from(`${position?.seq}+${skipped}`);
    },
    encodeNotice: ({ kind }) => Buffer.from(kind),
    join: (payloads) => Buffer.from(payloads.map(String).join(',')),
  };
  const [single, deflated, joined, joinedDeflated] = [
    createWebSocketFormat(codec, { isCompressed: false, isJoined: false }),
    createWebSocketFormat(codec, { isCompressed: true, isJoined: false }),
    createWebSocketFormat(codec, { isCompressed: false, isJoined: true }),
    createWebSocketFormat(codec, { isCompressed: true, isJoined: true }),
  ];
  return { single, deflated, joined, joinedDeflated, encoded: () => encoded };
};

/** The payload of a short frame, and whether it was compressed. */
const read = (frame: Uint8Array): { readonly text: string; readonly isCompressed: boolean } => {
  const isCompressed = ((frame[0] ?? 0) & 0x40) !== 0;
  const payload = frame.subarray((frame[1] ?? 0) < 126 ? 2 : 4);
  const whole = isCompressed ? inflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }) : payload;
  return { text: Buffer.from(whole).toString(), isCompressed };
};

const publication = (seq: number): Publication => new Publication('a', { seq, epoch: 'e1' }, { type: 'test' });

describe('formats of a codec', () => {
  test('[B88] an item is framed once per format, and its payload is shared', () => {
    const { single, deflated, joined, joinedDeflated, encoded } = createFormats();
    const item = publication(7);
    const all = [single, deflated, joined, joinedDeflated];
    const frames = all.map((format) => item.encode(format, 0));
    expect(all.map((format) => item.encode(format, 0))).toEqual(frames);
    for (const [index, format] of all.entries()) expect(item.encode(format, 0)).toBe(frames[index]);
    expect(encoded()).toBe(2);
    expect(read(frames[0] ?? Buffer.of())).toEqual({ text: '7+0', isCompressed: false });
    expect(read(frames[1] ?? Buffer.of())).toEqual({ text: '7+0', isCompressed: true });
    expect(frames.slice(2).map(String)).toEqual(['7+0', '7+0']);
  });

  test('[B88] joined payloads are one frame, and an item with a skipped number is encoded on its own', () => {
    const { single, joined, joinedDeflated } = createFormats();
    const payloads = [7, 8].map((seq) => publication(seq).encode(joined, 0));
    expect(read(joined.joinBatch?.(payloads) ?? Buffer.of())).toEqual({ text: '7+0,8+0', isCompressed: false });
    expect(read(joinedDeflated.joinBatch?.(payloads) ?? Buffer.of())).toMatchObject({ isCompressed: true });
    const item = publication(9);
    expect(read(item.encode(single, 3)).text).toBe('9+3');
    expect(read(item.encode(single, 0)).text).toBe('9+0');
    expect(read(new NoticeItem({ kind: 'stale', channel: 'a' }).encode(single, 0)).text).toBe('stale');
  });

  test('[B88] a frame for one session is compressed where that makes it smaller', () => {
    const { single, joinedDeflated } = createFormats();
    expect(read(joinedDeflated.message(Buffer.from('short')))).toEqual({ text: 'short', isCompressed: false });
    const long = 'long '.repeat(1_000);
    const frame = joinedDeflated.message(Buffer.from(long));
    expect(read(frame)).toEqual({ text: long, isCompressed: true });
    expect(frame.length).toBeLessThan(200);
    expect(read(single.message(Buffer.from('plain')))).toEqual({ text: 'plain', isCompressed: false });
  });
});
