import { once } from 'node:events';
import { connect } from 'node:net';
import { constants, inflateRawSync } from 'node:zlib';
import { waitFor } from './wait-for.js';

export interface FrameFields {
  readonly opcode: number;
  readonly payload?: Buffer | string;
  /** @default true */
  readonly fin?: boolean;
  /** The three reserved bits, as one number. @default 0 */
  readonly rsv?: number;
}

/** A masked frame of a client, valid or not. */
export const clientFrame = ({ opcode, payload = '', fin = true, rsv = 0 }: FrameFields): Buffer => {
  const data = Buffer.from(payload);
  const mask = Buffer.from([0x11, 0x22, 0x33, 0x44]);
  const head = Buffer.alloc(data.length < 126 ? 2 : data.length < 65_536 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  if (data.length < 126) head[1] = 0x80 | data.length;
  else if (data.length < 65_536) head.writeUInt16BE(data.length, 2);
  else head.writeUInt32BE(data.length, 6);
  if (data.length >= 126) head[1] = 0x80 | (data.length < 65_536 ? 126 : 127);
  const masked = data.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([head, mask, masked]);
};

export interface ServerFrame {
  readonly opcode: number;
  /** Inflated if it was compressed. */
  readonly payload: Buffer;
}

/** A client that sends any bytes and takes the server's frames apart. */
export interface RawWebSocket extends Disposable {
  readonly frames: readonly ServerFrame[];
  /** Head of the response to the upgrade, in lower case. */
  readonly head: string;
  /** Writes the chops one after the other, each as its own segment if possible. */
  send(chops: readonly Buffer[]): Promise<void>;
  /**
   * Resolves once the server has closed the connection, with the code of its close frame; 1005 for a frame without a
   * code.
   */
  closed(): Promise<number | undefined>;
}

export const openRawWebSocket = async (url: string, path: string, extensions = ''): Promise<RawWebSocket> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setNoDelay();
  const frames: ServerFrame[] = [];
  let head = '';
  let rest: Buffer = Buffer.alloc(0);
  let hasEnded = false;
  socket.on('error', () => {});
  socket.on('close', () => {
    hasEnded = true;
  });
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    if (head === '') {
      const end = rest.indexOf('\r\n\r\n');
      if (end === -1) return;
      head = rest.subarray(0, end).toString().toLowerCase();
      rest = rest.subarray(end + 4);
    }
    for (let frame = takeFrame(rest); frame !== undefined; frame = takeFrame(rest)) {
      frames.push(frame);
      rest = rest.subarray(frame.bytes);
    }
  });
  await once(socket, 'connect');
  const lines = [
    ...[`GET ${path} HTTP/1.1`, `Host: ${hostname}:${port}`, 'Upgrade: websocket', 'Connection: Upgrade'],
    ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'],
    ...(extensions === '' ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await waitFor('the upgrade', () => head !== '');
  return {
    frames,
    head,
    async send(chops) {
      for (const chop of chops) {
        if (hasEnded || socket.destroyed) return;
        await new Promise<void>((resolve) => {
          socket.write(chop, () => resolve());
        });
      }
    },
    async closed() {
      await waitFor('the end of the connection', () => hasEnded);
      const close = frames.find(({ opcode }) => opcode === 8);
      if (close === undefined) return undefined;
      return close.payload.length >= 2 ? close.payload.readUInt16BE(0) : 1005;
    },
    [Symbol.dispose]() {
      socket.destroy();
    },
  };
};

const takeFrame = (bytes: Buffer): (ServerFrame & { readonly bytes: number }) | undefined => {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const isLong = second === 126 || second === 127;
  const headBytes = second === 126 ? 4 : second === 127 ? 10 : 2;
  if (bytes.length < headBytes) return undefined;
  const length = !isLong ? second : second === 126 ? bytes.readUInt16BE(2) : bytes.readUInt32BE(6);
  if (bytes.length < headBytes + length) return undefined;
  const payload = bytes.subarray(headBytes, headBytes + length);
  const isCompressed = (first & 0x40) !== 0;
  return {
    opcode: first & 0x0f,
    payload: isCompressed ? inflated(payload) : payload,
    bytes: headBytes + length,
  };
};

/** RFC 7692, 7.2.2. */
const inflated = (payload: Buffer): Buffer =>
  inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]), { finishFlush: constants.Z_SYNC_FLUSH });
