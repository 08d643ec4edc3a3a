import { constants, deflateRawSync } from 'node:zlib';

const finFlag = 0x80;
const rsv1Flag = 0x40;

export const opcodes = { text: 0x1, binary: 0x2 } as const;
export type Opcode = (typeof opcodes)[keyof typeof opcodes];

/**
 * One complete, unmasked server frame (RFC 6455, 5.2). Header and payload are in one buffer, so that it costs one
 * write.
 */
export const websocketFrame = (opcode: Opcode, payload: Uint8Array): Uint8Array => frameOf(finFlag | opcode, payload);

/**
 * The same with the payload deflated on its own (RFC 7692, 7.2.1), for connections that negotiated permessage-deflate
 * with `server_no_context_takeover`. Without that option a frame could not be shared.
 */
export const deflatedFrame = (opcode: Opcode, payload: Uint8Array): Uint8Array =>
  deflatedFrameOf(opcode, deflated(payload));

/**
 * The same for a payload in parts. A large part is deflated once, however many frames have it: its deflated bytes refer
 * to nothing before them and end at a whole byte, so that they can be joined.
 */
export const deflatedFrameOfParts = (opcode: Opcode, parts: readonly Uint8Array[]): Uint8Array => {
  const pieces: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const endSmall = (): void => {
    if (small.length > 0) pieces.push(deflated(Buffer.concat(small)));
    small = [];
  };
  for (const part of parts) {
    if (part.length < minSharedBytes) {
      small.push(part);
    } else {
      endSmall();
      pieces.push(sharedDeflated(part));
    }
  }
  endSmall();
  return deflatedFrameOf(opcode, Buffer.concat(pieces));
};

/** A smaller part is deflated together with its neighbours. */
const minSharedBytes = 1_024;
/** Kept for as long as somebody holds the part. */
const deflatedParts = new WeakMap<Uint8Array, Uint8Array>();

const sharedDeflated = (part: Uint8Array): Uint8Array => {
  const bytes = deflatedParts.get(part) ?? deflated(part);
  deflatedParts.set(part, bytes);
  return bytes;
};

const deflated = (bytes: Uint8Array): Uint8Array =>
  deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, level: 1 });

/** A sync flush ends in 00 00 ff ff; the RFC requires the sender to remove these bytes. */
const deflatedFrameOf = (opcode: Opcode, payload: Uint8Array): Uint8Array =>
  frameOf(finFlag | rsv1Flag | opcode, payload.subarray(0, payload.length - 4));

const frameOf = (firstByte: number, payload: Uint8Array): Uint8Array => {
  const length = payload.length;
  const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerBytes + length);
  frame[0] = firstByte;
  if (headerBytes === 2) {
    frame[1] = length;
  } else if (headerBytes === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    frame.writeUInt32BE(length % 2 ** 32, 6);
  }
  frame.set(payload, headerBytes);
  return frame;
};
