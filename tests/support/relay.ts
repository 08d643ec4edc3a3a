import { connect, type Socket } from 'node:net';

/** Connects a client to a port of this machine until either end closes. Meanwhile `open` contains both sockets. */
export const relay = (client: Socket, port: number, open: Set<Socket>): void => {
  const upstream = connect(port, '127.0.0.1');
  open.add(client);
  const end = (): void => {
    open.delete(client);
    client.destroy();
    upstream.destroy();
  };
  client.on('error', end).on('close', end);
  upstream.on('error', end).on('close', end);
  client.pipe(upstream);
  upstream.pipe(client);
};
