import { once } from 'node:events';
import type { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createHttpServer } from './server.js';

const refusals: string[] = [];
let close = (): void => {};
let onRefused = (): void => {};
afterEach(() => close());

const start = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> => {
  refusals.length = 0;
  const server: ReturnType<typeof createServer> = createHttpServer({
    limits: { handshakeMs: 10_000, maxConnectionsPerIp: 0, trustProxy: 0 },
    maxSockets: 100,
    slowDeadlineMs: 1_000,
    metrics: {
      refused(reason) {
        refusals.push(reason);
        onRefused();
      },
    },
  });
  server.on('request', answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  return (server.address() as AddressInfo).port;
};

test('[GL25] an answer that we are late with is not one that is not read', async () => {
  const port = await start((request, response) => {
    request.socket.once('timeout', () => setImmediate(() => response.end('late')));
  });
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('late');
  expect(refusals).toEqual([]);
});

test('[GL25] one that is not read ends its connection', async () => {
  const port = await start((_request, response) => response.end(Buffer.alloc(20_000_000)));
  const refused = new Promise<void>((resolve) => {
    onRefused = resolve;
  });
  const socket = connect(port, '127.0.0.1').pause();
  socket.write('GET / HTTP/1.1\r\nHost: gateway\r\n\r\n');
  await once(socket, 'connect');
  await refused;
  expect(refusals).toEqual(['unread']);
  socket.destroy();
});
