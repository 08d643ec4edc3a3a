import { Redis } from 'ioredis';
import { WebSocket, WebSocketServer } from 'ws';
import { printPort, serverArguments } from './arguments.js';

/** The broadcast of ws's README ("Server broadcast") behind a Redis subscription: what most people write first. */
const { redisUrl, channels } = serverArguments();
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
const redis = new Redis(redisUrl);

server.on('connection', (client) => client.on('error', console.error));

redis.on('message', (_channel, message) => {
  server.clients.forEach((client) => {
    if (client.readyState === WebSocket.OPEN) client.send(message);
  });
});

await redis.subscribe(...channels);
if (server.address() === null) await new Promise((resolve) => server.once('listening', resolve));
printPort(server.address());
