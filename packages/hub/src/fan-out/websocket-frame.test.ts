import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { deflatedFrame, deflatedFrameOfParts, opcodes, websocketFrame } from './websocket-frame.js';

interface Decoded {
  readonly isFinal: boolean;
  readonly isCompressed: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
  readonly bytes: number;
}

/** RFC 6455, 5.2, as a client reads it. */
const decode = (frame: Uint8Array): Decoded => {
  const bytes = Buffer.from(frame);
  const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)];
  if (second & 0x80) throw new Error('a server must not mask');
  let at = 2;
  let length = second & 0x7f;
  if (length === 126) {
    length = bytes.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    length = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  return {
    isFinal: (first & 0x80) !== 0,
    isCompressed: (first & 0x40) !== 0,
    opcode: first & 0x0f,
    payload: bytes.subarray(at, at + length),
    bytes: at + length,
  };
};

/** RFC 7692, 7.2.2. */
const inflate = (payload: Buffer): Buffer =>
  inflateRawSync(Buffer.concat([payload, Buffer.from([0x00, 0x00, 0xff, 0xff])]), { finishFlush: 2 });

const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];

describe('websocket frame', () => {
  test.each(sizes)('[B70] a payload of %i bytes is one whole unmasked frame with the shortest length', (size) => {
    const payload = Buffer.alloc(size, 'x');
    const frame = websocketFrame(opcodes.text, payload);
    const decoded = decode(frame);
    expect(decoded).toMatchObject({ isFinal: true, isCompressed: false, opcode: 1, bytes: frame.length });
    expect(decoded.payload.equals(payload)).toBe(true);
    expect(frame.length - size).toBe(size < 126 ? 2 : size < 65_536 ? 4 : 10);
  });

  test('[B70] binary frames carry the binary opcode', () => {
    expect(decode(websocketFrame(opcodes.binary, Buffer.from([1, 2]))).opcode).toBe(2);
  });

  test.each(sizes)('[B71] a deflated payload of %i bytes inflates on its own to the original', (size) => {
    const payload = Buffer.from(Array.from({ length: size }, (_, i) => (i * 31 + (i >> 3)) % 251));
    const decoded = decode(deflatedFrame(opcodes.text, payload));
    expect(decoded).toMatchObject({ isFinal: true, isCompressed: true, opcode: 1 });
    expect(inflate(decoded.payload).equals(payload)).toBe(true);
  });

  test('[B101] a payload in parts inflates to the whole, and a large part is deflated once for all frames', () => {
    const large = Buffer.alloc(5_000, 'tick ');
    const parts = [Buffer.from('{"id":7,'), Buffer.from('"publications":['), large, Buffer.from(','), large];
    const read = (all: readonly Uint8Array[]): string => {
      const decoded = decode(deflatedFrameOfParts(opcodes.text, all));
      expect(decoded).toMatchObject({ isFinal: true, isCompressed: true, opcode: 1 });
      return inflate(decoded.payload).toString();
    };
    const whole = Buffer.concat(parts).toString();
    expect(read([...parts, Buffer.from(']}')])).toBe(`${whole}]}`);
    expect(read(parts)).toBe(whole);
    expect(read([large])).toBe(large.toString());
    expect(read(parts.slice(0, 2))).toBe('{"id":7,"publications":[');
    // Nobody may do this; it shows that its bytes are not looked at again.
    large.fill('x');
    expect(read(parts)).toBe(whole);
  });
});
