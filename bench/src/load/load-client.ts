import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { TLSSocket, connect as tlsConnect } from 'node:tls';
import { type FrameSink, FrameSplitter } from '../wire/frame-splitter.js';
import { clientOpcodes, maskedFrame } from '../wire/masked-frame.js';
import { answerCentrifuge, centrifugeConnect } from './centrifuge-greeting.js';
import type { CentrifugeGreeting, Greeting } from './greeting.js';

/** Loopback addresses have about 28,000 ports each. */
const clientsPerAddress = 28_000;
const headEnd = Buffer.from('\r\n\r\n');
const closeFrame = maskedFrame(clientOpcodes.close, Uint8Array.of(1_000 >> 8, 1_000 & 0xff));
const digit = (value: number): number => value + 48;

/** What a client reports to. */
export interface LoadClientObserver {
  onOpen(client: LoadClient): void;
  /** Called once, whether the connection was open or not. */
  onGone(client: LoadClient): void;
  /** Called before the frames of a read are delivered. */
  onRead(bytes: number): void;
  onText(client: LoadClient, buffer: Uint8Array, start: number, end: number, isCompressed: boolean): void;
}

/** All clients read into this buffer: it is empty again before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(262_144);

/** One connection: raw TCP, a greeting, then frames. No WebSocket library: that would cost more than the server does. */
export class LoadClient {
  readonly index: number;
  isOpen = false;
  isGone = false;
  /** Called with the server's error if it rejected something. The client then disconnects. */
  refusal: string | undefined;
  readonly #socket: Socket;
  readonly #observer: LoadClientObserver;
  readonly #greeting: Greeting;
  readonly #splitter: FrameSplitter;
  #head: Buffer | undefined;
  #isUpgraded = false;

  constructor(index: number, port: number, greeting: Greeting, observer: LoadClientObserver) {
    this.index = index;
    this.#observer = observer;
    this.#greeting = greeting;
    const sink: FrameSink = (buffer, start, end, isCompressed) => this.#onFrame(buffer, start, end, isCompressed);
    this.#splitter = new FrameSplitter(sink);
    const to = {
      host: '127.0.0.1',
      port,
      localAddress: `127.0.0.${1 + Math.floor(index / clientsPerAddress)}`,
      onread: {
        buffer: readBuffer,
        callback: (bytes: number, buffer: Uint8Array) => this.#onRead(buffer, bytes),
      },
    };
    this.#socket = greeting.isSecure === true ? tlsConnect({ ...to, rejectUnauthorized: false }) : connect(to);
    this.#socket.setNoDelay(true);
    this.#socket.on('error', () => this.#gone());
    this.#socket.on('close', () => this.#gone());
    this.#socket.write(upgradeRequest(port, greeting));
  }

  get frames(): number {
    return this.#splitter.frames;
  }

  /** Resets the connection: ten thousand orderly ends would leave as many ports in TIME_WAIT. */
  destroy(): void {
    this.isGone = true;
    // A socket of TLS cannot be reset.
    if (this.#socket instanceof TLSSocket) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** Closes in good order: the server ends the connection. */
  leave(): void {
    this.isGone = true;
    this.#socket.write(closeFrame);
  }

  #onRead(buffer: Uint8Array, bytes: number): boolean {
    if (this.isGone) return true;
    this.#observer.onRead(bytes);
    if (this.#isUpgraded) this.#splitter.push(buffer, 0, bytes);
    else this.#onHead(buffer, bytes);
    // Every ping is answered: a server may require more than one sign of life.
    const { pings } = this.#splitter;
    if (pings.length > 0) {
      this.#splitter.pings = [];
      for (const ping of pings) this.#socket.write(maskedFrame(clientOpcodes.pong, ping));
    }
    if (this.#splitter.isClosed) this.#socket.destroy();
    return true;
  }

  #onHead(buffer: Uint8Array, bytes: number): void {
    const head = Buffer.concat([this.#head ?? Buffer.alloc(0), buffer.subarray(0, bytes)]);
    const end = head.indexOf(headEnd);
    if (end === -1) {
      this.#head = head;
      return;
    }
    this.#head = undefined;
    if (!head.toString('latin1', 0, 13).startsWith('HTTP/1.1 101')) {
      this.#socket.destroy();
      return;
    }
    this.#isUpgraded = true;
    if (this.#greeting.kind === 'websocket') this.#opened();
    if (this.#greeting.kind === 'centrifuge') this.#socket.write(centrifugeConnect());
    this.#splitter.push(head, end + headEnd.length, head.length);
  }

  #onFrame(buffer: Uint8Array, start: number, end: number, isCompressed: boolean): void {
    if (this.#greeting.kind === 'socket.io' && this.#answerEngine(buffer, start, end)) return;
    if (this.#greeting.kind === 'centrifuge') {
      this.#onCentrifuge(buffer, start, end, this.#greeting);
      return;
    }
    this.#observer.onText(this, buffer, start, end, isCompressed);
  }

  /** Engine.IO packets begin with a digit: 0 open, 2 ping, 4 message; and 40 is Socket.IO's CONNECT. */
  #answerEngine(buffer: Uint8Array, start: number, end: number): boolean {
    const first = buffer[start];
    if (first === digit(0)) this.#socket.write(maskedFrame(clientOpcodes.text, Buffer.from('40')));
    else if (first === digit(2)) this.#socket.write(maskedFrame(clientOpcodes.text, Buffer.from('3')));
    else if (first === digit(4) && end > start + 1 && buffer[start + 1] === digit(0)) this.#opened();
    else return false;
    return true;
  }

  #onCentrifuge(buffer: Uint8Array, start: number, end: number, greeting: CentrifugeGreeting): void {
    const onLine = (from: number, to: number): void => this.#observer.onText(this, buffer, from, to, false);
    const { frames, isConnected, refusal } = answerCentrifuge(buffer, start, end, greeting, onLine);
    if (refusal !== undefined) {
      this.refusal ??= refusal;
      this.#socket.destroy();
      return;
    }
    if (frames.length > 0) this.#socket.write(Buffer.concat(frames));
    if (isConnected) this.#opened();
  }

  #opened(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.#observer.onOpen(this);
  }

  #gone(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.#observer.onGone(this);
  }
}

const upgradeRequest = (port: number, greeting: Greeting): string => {
  const lines = [
    `GET ${greeting.path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
  ];
  if (greeting.kind === 'websocket' && greeting.offersDeflate === true) {
    lines.push('Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover');
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
};
