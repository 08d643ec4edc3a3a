import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { relay } from './relay.js';

/** A TCP forwarder: its address stays while the server behind it changes, as with a load balancer. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Where new connections go. */
  target: number;
  /** Breaks every connection without a goodbye. Returns how many. */
  cut(): number;
  /** Number of connections now. */
  readonly connections: number;
}

export const startTcpProxy = async (target: number): Promise<TcpProxy> => {
  const open = new Set<Socket>();
  let port = target;

  const server = createServer((client) => relay(client, port, open));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;

  const cut = (): number => {
    const sockets = [...open];
    for (const socket of sockets) socket.resetAndDestroy();
    return sockets.length;
  };

  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    get target() {
      return port;
    },
    set target(next) {
      port = next;
    },
    cut,
    get connections() {
      return open.size;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
};
