import { once } from 'node:events';
import { createServer } from 'node:net';

/** Returns a TCP port that nobody listens on. Another process may take it first, so callers must retry. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  server.close();
  await once(server, 'close');
  return address.port;
};
