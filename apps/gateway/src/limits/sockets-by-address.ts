import type { Server, Socket } from 'node:net';
import { networkOf } from './client-address.js';

/** How many sockets each address has, whatever their use: for clients, for requests, and silent ones. */
export interface SocketsByAddress {
  /** Returns false, without counting, if the address has reached its limit. A known socket counts once. */
  enter(socket: Socket): boolean;
}

/** Requests use sockets of their own, beside those of clients. */
const leastSpare = 64;

/**
 * `maxConnections`: clients allowed per address; as many sockets again are for requests. 0: no limit. A worker counts its
 * share of them.
 */
export const createSocketsByAddress = (maxConnections: number, workers = 1): SocketsByAddress => {
  const maxSockets =
    maxConnections === 0
      ? Number.POSITIVE_INFINITY
      : Math.ceil((maxConnections + Math.max(leastSpare, maxConnections)) / workers);
  const counts = new Map<string, number>();
  const addresses = new WeakMap<Socket, string>();

  function onClose(this: Socket): void {
    const address = addresses.get(this) ?? '';
    const left = (counts.get(address) ?? 0) - 1;
    if (left > 0) counts.set(address, left);
    else counts.delete(address);
  }

  return {
    enter(socket) {
      if (addresses.has(socket)) return true;
      const address = networkOf(socket.remoteAddress ?? '');
      const count = counts.get(address) ?? 0;
      if (count >= maxSockets) return false;
      counts.set(address, count + 1);
      addresses.set(socket, address);
      socket.once('close', onClose);
      return true;
    },
  };
};

/**
 * Closes sockets beyond `maxSockets` as they come. In a worker they are accepted first: a connection that a worker
 * declines is offered to the next one, and where all of them decline, round and round.
 */
export const boundSockets = (
  server: Server,
  { maxSockets, isWorker, onDrop = () => {} }: { maxSockets: number; isWorker: boolean; onDrop?: () => void },
): void => {
  if (!isWorker) {
    server.maxConnections = maxSockets;
    server.on('drop', onDrop);
    return;
  }
  const open = new Set<Socket>();
  function onClose(this: Socket): void {
    open.delete(this);
  }
  server.on('connection', (socket) => {
    if (open.has(socket)) return;
    if (open.size >= maxSockets) {
      onDrop();
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.once('close', onClose);
  });
};
