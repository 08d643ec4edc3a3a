import { connect, type Socket } from 'node:net';
import { waitFor } from './wait-for.js';

/** A TCP connection on which a test sends whatever it likes. */
export interface RawConnection extends Disposable {
  readonly socket: Socket;
  send(bytes: string | Uint8Array): void;
  /** Everything received, one character per byte. */
  readonly received: () => string;
  readonly isClosed: () => boolean;
  /**
   * Resolves with the status of the answer once its first line has arrived; with 0 if the connection ended without one.
   */
  status(): Promise<number>;
}

export const openRaw = async (port: number): Promise<RawConnection> => {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  let isClosed = false;
  let isOpen = false;
  socket.on('connect', () => {
    isOpen = true;
  });
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  await waitFor('a connection', () => isOpen || isClosed);
  return {
    socket,
    send: (bytes) => socket.write(bytes),
    received: () => received,
    isClosed: () => isClosed,
    status: async () => {
      await waitFor('an answer', () => received.includes('\r\n') || isClosed, 20_000);
      return Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 0);
    },
    [Symbol.dispose]() {
      socket.destroy();
    },
  };
};

/** The head of a handshake; `more` are further header lines. */
export const handshake = (path: string, more: readonly string[] = []): string =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: gateway',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...more,
    '\r\n',
  ].join('\r\n');

/** A masked frame, as a client must send it; `length` may be wrong. */
export const clientFrame = (firstByte: number, payload: Uint8Array, length = payload.length): Uint8Array => {
  const mask = Buffer.from([1, 2, 3, 4]);
  const masked = Buffer.from(payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  const head = Buffer.alloc(10);
  head[0] = firstByte;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, mask, masked]);
};

/** The close code that follows the server's answer to the handshake, if it fits into a short frame. */
export const closeCodeIn = (received: string): number | undefined => {
  const bytes = Buffer.from(received.slice(received.indexOf('\r\n\r\n') + 4), 'latin1');
  for (let at = 0; at + 1 < bytes.length; ) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
    const length =
      short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    if (bytes[at] === 0x88) return bytes.readUInt16BE(start);
    at = start + length;
  }
  return undefined;
};
