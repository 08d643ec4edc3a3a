/** A client's frame (RFC 6455, 5.3). The mask is all zeros: legal, and the payload stays as it is. */
export const maskedFrame = (opcode: number, payload: Uint8Array): Uint8Array => {
  if (payload.length > 125) throw new RangeError('a control or greeting frame carries at most 125 bytes');
  const frame = new Uint8Array(6 + payload.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | payload.length;
  frame.set(payload, 6);
  return frame;
};

export const clientOpcodes = { text: 0x1, close: 0x8, pong: 0xa } as const;
