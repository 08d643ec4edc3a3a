import { once } from 'node:events';
import { createServer } from 'node:net';

/** A TCP port nobody listens on, for servers that cannot choose one and report it. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, 'close');
  return port;
};
