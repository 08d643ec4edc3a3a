import { once } from 'node:events';
import { WebSocket } from 'ws';
import { waitFor } from './wait-for.js';

export type Fields = Readonly<Record<string, unknown>>;

/**
 * The Centrifuge protocol in JSON, without an SDK: sends exactly what a test writes, and keeps everything received in
 * order.
 */
export interface CentrifugeClient extends Disposable {
  readonly socket: WebSocket;
  /** Replies and pushes received; pings too, which are empty. */
  readonly received: readonly Fields[];
  /** The frames in which they arrived. */
  readonly frames: readonly string[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Sends commands as one frame. */
  send(...commands: readonly object[]): void;
  sendRaw(frame: string | Uint8Array): void;
  /** Sends a command with the next id; resolves with its reply. */
  call(request: object): Promise<Fields>;
  /** Connects; resolves with the reply. */
  connect(request?: object): Promise<Fields>;
  reply(id: number): Promise<Fields>;
  /** Publications pushed on a channel. */
  pubs(channel: string): readonly Fields[];
  offsets(channel: string): readonly number[];
  /** Pushes of a kind: `unsubscribe`, `message`. */
  pushes(kind: string): readonly Fields[];
}

export interface CentrifugeClientOptions {
  readonly path?: string;
  readonly perMessageDeflate?: boolean;
  /** Answers pings. @default true */
  readonly answersPings?: boolean;
}

/** Resolves once the socket is open. The `connect` of the protocol is left to the test. */
export const openCentrifuge = async (url: string, options: CentrifugeClientOptions = {}): Promise<CentrifugeClient> => {
  const { path = '/connection/websocket', perMessageDeflate = false, answersPings = true } = options;
  const socket = new WebSocket(url.replace(/^http/, 'ws') + path, { perMessageDeflate });
  const received: Fields[] = [];
  const frames: string[] = [];
  let lastId = 0;
  socket.on('message', (data) => {
    const frame = data.toString();
    frames.push(frame);
    for (const line of frame.split('\n')) {
      const message = JSON.parse(line) as Fields;
      received.push(message);
      if (answersPings && Object.keys(message).length === 0) socket.send('{}');
    }
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  socket.on('error', () => {});
  await once(socket, 'open');

  const pushes = (kind: string): Fields[] =>
    received.flatMap(({ push }) => ((push as Fields | undefined)?.[kind] === undefined ? [] : [push as Fields]));
  const pubs = (channel: string): Fields[] =>
    pushes('pub').flatMap((push) => (push['channel'] === channel ? [push['pub'] as Fields] : []));
  const reply = (id: number): Promise<Fields> =>
    waitFor(`reply ${id}`, () => received.find((message) => message['id'] === id));
  const client: CentrifugeClient = {
    socket,
    received,
    frames,
    closed,
    send: (...commands) => socket.send(commands.map((command) => JSON.stringify(command)).join('\n')),
    sendRaw: (frame) => socket.send(frame),
    async call(request) {
      lastId += 1;
      const id = lastId;
      client.send({ id, ...request });
      return reply(id);
    },
    connect: (request = {}) => client.call({ connect: request }),
    reply,
    pubs,
    offsets: (channel) => pubs(channel).map(({ offset }) => Number(offset)),
    pushes,
    [Symbol.dispose]() {
      socket.terminate();
    },
  };
  return client;
};
