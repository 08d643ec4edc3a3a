import { describe, expect, test } from '@jest/globals';
import { FrameSplitter } from './frame-splitter.js';

const frame = (firstByte: number, payload: Buffer): Buffer => {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([firstByte, length]), payload]);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = firstByte;
  header[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) header.writeUInt16BE(length, 2);
  else header.writeUInt32BE(length, 6);
  return Buffer.concat([header, payload]);
};

const text = (content: string): Buffer => frame(0x81, Buffer.from(content));

/** Pushes pieces of this size through one buffer that is overwritten each time, as the generator's reads are. */
const split = (bytes: Buffer, pieceBytes: number) => {
  const seen: { text: string; isCompressed: boolean }[] = [];
  const splitter = new FrameSplitter((buffer, start, end, isCompressed) => {
    seen.push({ text: Buffer.from(buffer).toString('latin1', start, end), isCompressed });
  });
  const readBuffer = Buffer.alloc(pieceBytes);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = bytes.subarray(at, at + pieceBytes);
    readBuffer.fill(0xff);
    piece.copy(readBuffer);
    splitter.push(readBuffer, 0, piece.length);
  }
  return { splitter, seen };
};

describe('FrameSplitter', () => {
  const messages = ['a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(65_600), 'e', ''];
  const bytes = Buffer.concat(messages.map(text));

  test.each([3, 100, 4_096, 65_536, 1_000_000])('[BN1] hands over whole frames from reads of %i bytes', (size) => {
    const { seen, splitter } = split(bytes, size);
    expect(seen.map((message) => message.text)).toEqual(messages);
    expect(splitter.frames).toBe(messages.length);
  });

  test('[BN1] finds which frames are compressed', () => {
    const { seen } = split(Buffer.concat([frame(0xc1, Buffer.from('x')), text('y')]), 100);
    expect(seen.map(({ isCompressed }) => isCompressed)).toEqual([true, false]);
  });

  test('[BN2] keeps every ping for its answer and notices a close', () => {
    const ping = frame(0x89, Buffer.from('hello'));
    const { seen, splitter } = split(
      Buffer.concat([text('a'), ping, frame(0x89, Buffer.from('again')), frame(0x88, Buffer.alloc(2))]),
      5,
    );
    expect(seen).toHaveLength(1);
    expect(splitter.pings.map((payload) => Buffer.from(payload).toString())).toEqual(['hello', 'again']);
    expect(splitter.isClosed).toBe(true);
  });
});
