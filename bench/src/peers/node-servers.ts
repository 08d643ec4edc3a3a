import { modulePath } from '../process/worker.js';
import type { Peer, PeerContext, RunningPeer } from './peer.js';

const startServer = async (
  name: string,
  module: string,
  context: PeerContext,
  nodeArgs: readonly string[] = [],
): Promise<RunningPeer> => {
  const { children, cores, redisUrl, channels } = context;
  const child = children.start({
    name,
    command: process.execPath,
    args: [...nodeArgs, modulePath(module), '--redis', redisUrl, '--channels', channels.join(',')],
    cores,
  });
  const found = await child.wrote(/listening (\d+)/);
  return { child, port: Number(found[1]) };
};

const collecting = (): string[] => ['--expose-gc', '--import', modulePath('servers/collect-on-signal.js')];

export const naiveWsPeer = (collectsOnSignal = false): Peer => ({
  name: 'naive ws',
  setUp: 'the broadcast of the README of ws 8.23 behind an ioredis subscription, no compression',
  form: 'json',
  collectsOnSignal,
  greeting: () => ({ kind: 'websocket', path: '/' }),
  missing: () => undefined,
  start: (context) => startServer('naive ws', 'servers/naive-ws.js', context, collectsOnSignal ? collecting() : []),
});

export const bareNetPeer = (): Peer => ({
  name: 'bare net',
  setUp: 'node:net, the frame made once, one socket.write a client and message, no checks: the portable floor',
  form: 'json',
  greeting: () => ({ kind: 'websocket', path: '/' }),
  missing: () => undefined,
  start: (context) => startServer('bare net', 'servers/bare-net.js', context),
});

export const socketIoPeer = (): Peer => ({
  name: 'Socket.IO',
  setUp:
    'socket.io 4.8 with @socket.io/redis-adapter 8.3 and ioredis, a channel is a room, WebSocket only, no compression; ' +
    'published with io.to(room).emit() by a second server of the cluster',
  form: 'socket.io',
  greeting: () => ({ kind: 'socket.io', path: '/socket.io/?EIO=4&transport=websocket' }),
  missing: () => undefined,
  start: (context) => startServer('Socket.IO', 'servers/socket-io.js', context),
});
