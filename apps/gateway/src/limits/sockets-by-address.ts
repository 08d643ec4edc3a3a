import type { Socket } from 'node:net';
import { networkOf } from './client-address.js';

/** How many sockets each address has, whatever their use: for clients, for requests, and silent ones. */
export interface SocketsByAddress {
  /** Returns false, without counting, if the address has reached its limit. A known socket counts once. */
  enter(socket: Socket): boolean;
}

/** Requests use sockets of their own, beside those of clients. */
const leastSpare = 64;

/** `maxConnections`: clients allowed per address; as many sockets again are for requests. 0: no limit. */
export const createSocketsByAddress = (maxConnections: number): SocketsByAddress => {
  const maxSockets =
    maxConnections === 0 ? Number.POSITIVE_INFINITY : maxConnections + Math.max(leastSpare, maxConnections);
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
