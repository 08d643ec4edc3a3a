import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/**
 * A server that greets, subscribes and publishes like Redis 5, begins to answer a GET, and never answers a PING. If
 * asked, it begins by loading, or rejects each PING as a server with a full disk does.
 */
export interface SilentRedis extends AsyncDisposable {
  readonly url: string;
  /** Number of PINGs received. */
  readonly pings: number;
  /** Number of INFOs received. */
  readonly infos: number;
  /** Sends the next bytes of the answer to the GET, which has `getLength`. Returns false if there was no GET yet. */
  goOn(text: string): boolean;
  /** Sends a message to every connection that is subscribed to something. */
  publish(channel: string, payload: Buffer): void;
}

export const getLength = 100_000;

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

/** The first `loadingFor` answers to INFO say that it will load its data for another hour. */
export const startSilentRedis = async ({ loadingFor = 0, rejectsPings = false } = {}): Promise<SilentRedis> => {
  const sockets = new Set<Socket>();
  const subscribed = new Set<Socket>();
  const getting = new Set<Socket>();
  let pings = 0;
  let infos = 0;

  const answer = (socket: Socket, name: string, args: readonly string[]): string => {
    switch (name) {
      case 'info':
        infos += 1;
        return bulk(infos > loadingFor ? 'loading:0\r\n' : 'loading:1\r\nloading_eta_seconds:3600\r\n');
      case 'subscribe':
        subscribed.add(socket);
        return args.map((channel, index) => `*3\r\n${bulk('subscribe')}${bulk(channel)}:${index + 1}\r\n`).join('');
      case 'get':
        getting.add(socket);
        return `$${getLength}\r\n`;
      case 'ping':
        pings += 1;
        return rejectsPings ? '-MISCONF Errors writing to the AOF file: No space left on device\r\n' : '';
      case 'quit':
        return '+OK\r\n';
      default:
        return `-ERR unknown command '${name.toUpperCase()}'\r\n`;
    }
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => subscribed.delete(socket));
    socket.on('data', (chunk) => {
      // A command is `*<count>` and its words; on loopback each arrives whole.
      for (const text of chunk
        .toString('latin1')
        .split(/^\*\d+\r\n/m)
        .slice(1)) {
        const [name = '', ...args] = text.split('\r\n').filter((_, line) => line % 2 === 1);
        socket.write(answer(socket, name.toLowerCase(), args));
        if (name.toLowerCase() === 'quit') socket.end();
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');

  return {
    url: `redis://127.0.0.1:${address.port}`,
    get pings() {
      return pings;
    },
    get infos() {
      return infos;
    },
    goOn(text) {
      for (const socket of getting) socket.write(text);
      return getting.size > 0;
    },
    publish(channel, payload) {
      const head = `*3\r\n${bulk('message')}${bulk(channel)}$${payload.length}\r\n`;
      for (const socket of subscribed) socket.write(Buffer.concat([Buffer.from(head), payload, Buffer.from('\r\n')]));
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
