import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { printPort, serverArguments } from './arguments.js';

/**
 * Socket.IO with its Redis adapter, as its documentation has it ("Redis adapter", "Performance tuning"): WebSocket
 * only, no compression (the default), the first request not kept in memory. A channel is a room.
 */
const { redisUrl, channels } = serverArguments();
const publisher = new Redis(redisUrl);
const subscriber = publisher.duplicate();
await Promise.all([publisher.ping(), subscriber.ping()]);

const http = createServer();
const io = new Server(http, {
  adapter: createAdapter(publisher, subscriber),
  transports: ['websocket'],
  serveClient: false,
});

io.engine.on('connection', (socket: { request: unknown }) => {
  socket.request = null;
});
io.on('connection', (socket) => socket.join([...channels]));

http.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => printPort(http.address()));
