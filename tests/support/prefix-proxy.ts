import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A reverse proxy that shows a server below a path, and nothing else. */
export interface PrefixProxy extends AsyncDisposable {
  /** Ends with a slash. */
  readonly url: string;
}

export const startPrefixProxy = async (target: number, prefix: string): Promise<PrefixProxy> => {
  /** Undefined for a path that is not below the prefix. */
  const pathOf = ({ url = '' }: IncomingMessage): string | undefined =>
    url.startsWith(prefix) ? url.slice(prefix.length - 1) : undefined;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };

  const server = createServer((asked, response) => {
    const path = pathOf(asked);
    if (path === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { method, headers } = asked;
    const onward = request({ port: target, host: '127.0.0.1', path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    asked.pipe(onward);
  });
  server.on('connection', keep);
  server.on('upgrade', (asked: IncomingMessage, socket: Socket, head: Buffer) => {
    const path = pathOf(asked);
    if (path === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
      return;
    }
    const lines = [`GET ${path} HTTP/1.1`];
    for (let at = 0; at + 1 < asked.rawHeaders.length; at += 2) {
      lines.push(`${asked.rawHeaders[at]}: ${asked.rawHeaders[at + 1]}`);
    }
    const onward = keep(connect(target, '127.0.0.1'));
    onward.write(`${lines.join('\r\n')}\r\n\r\n`);
    onward.write(head);
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
};
