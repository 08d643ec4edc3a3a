import { createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { printPort, serverArguments } from './arguments.js';

/**
 * The least Node.js can do for one write a client and message: bare sockets, the frame made once, no HTTP parser, no
 * WebSocket library, no check of anything. What a floor costs on a host without a C compiler.
 */
const { redisUrl, channels } = serverArguments();
const clients = new Set<Socket>();
const accepted = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

const server = createServer({ noDelay: true }, (socket) => {
  let head = '';
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clients.delete(socket));
  socket.on('data', (chunk) => {
    if (clients.has(socket)) return;
    head += chunk.toString('latin1');
    if (!head.endsWith('\r\n\r\n')) return;
    socket.write(accepted);
    clients.add(socket);
  });
});

const redis = new Redis(redisUrl);
redis.on('messageBuffer', (_channel: Buffer, message: Buffer) => {
  const header =
    message.length < 126 ? [0x81, message.length] : [0x81, 126, message.length >> 8, message.length & 0xff];
  const frame = Buffer.concat([Buffer.from(header), message]);
  for (const client of clients) client.write(frame);
});

await redis.subscribe(...channels);
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => printPort(server.address()));
