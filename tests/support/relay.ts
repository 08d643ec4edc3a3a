import { connect, type Socket } from 'node:net';

/** Joins a client to a port here until either end goes; `open` has it meanwhile. */
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
