import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { waitFor } from '../../../../tests/support/wait-for.js';
import { requestsInTurn } from './requests-in-turn.js';

let server: Server;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

/** What a connection gets. */
const open = async (): Promise<{ readonly socket: Socket; readonly text: () => string }> => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, text: () => text };
};

const start = async (answer: RequestListener): Promise<readonly string[]> => {
  const refusals: string[] = [];
  const metrics = { refused: (reason: string) => refusals.push(reason) };
  server = createServer(requestsInTurn(answer, { metrics, perTurn: 4 }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return refusals;
};

const gets = (count: number): string =>
  Array.from({ length: count }, (_, index) => `GET /${index} HTTP/1.1\r\nHost: gateway\r\n\r\n`).join('');
const paths = (text: string): readonly string[] => [...text.matchAll(/<(\d+)>/g)].map(([, path = '']) => path);

test('[GL52] requests that come in one piece are answered in order, one at a time', async () => {
  let running = 0;
  let most = 0;
  await start(async (request, response) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    response.end(`<${request.url?.slice(1)}>`);
  });
  const { socket, text } = await open();
  socket.write(gets(300));
  await waitFor('300 answers', () => paths(text()).length === 300);
  expect(paths(text())).toEqual(Array.from({ length: 300 }, (_, index) => String(index)));
  expect(most).toBe(1);
});

test('[GL52] requests of many connections are begun a few per turn of the event loop', async () => {
  let turn = 0;
  let timer = setImmediate(count);
  function count(): void {
    turn += 1;
    timer = setImmediate(count);
  }
  const begun = new Map<number, number>();
  await start((_request, response) => {
    begun.set(turn, (begun.get(turn) ?? 0) + 1);
    response.end('<1>');
  });
  const clients = await Promise.all(Array.from({ length: 60 }, open));
  for (const { socket } of clients) socket.write(gets(1));
  await waitFor('60 answers', () => clients.every(({ text }) => paths(text()).length === 1));
  clearImmediate(timer);
  // A turn may see the end of one share and all of the next.
  expect(Math.max(...begun.values())).toBeLessThanOrEqual(8);
});

test('[GL52] more than any client sends end the connection, and are counted; others are answered', async () => {
  const refusals = await start((request, response) => {
    if (request.url !== '/0') response.end(`<${request.url?.slice(1)}>`);
  });
  const [flood, other] = [await open(), await open()];
  flood.socket.write(gets(2_000));
  await waitFor('the end', () => flood.socket.closed);
  expect(refusals).toEqual(['pipelined']);
  other.socket.write('GET /7 HTTP/1.1\r\nHost: gateway\r\n\r\n');
  await waitFor('the answer', () => paths(other.text()).length === 1);
});
