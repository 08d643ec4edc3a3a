import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from './run-main.js';

/** Longer than the 60 s for which balancers keep an idle connection: else they send a request as we close it. */
const keepAliveMs = 75_000;

/**
 * Listens, keeps idle connections for 75 s, and resolves with the port, which the system chose where 0 was asked for.
 * @throws StartError in one sentence when the port is taken or not allowed.
 */
export const listen = async (server: Server, port: number, host: string, backlog = 4_096): Promise<number> => {
  server.keepAliveTimeout = keepAliveMs;
  server.listen({ port, host, backlog });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(listenProblem(error as NodeJS.ErrnoException, port, host), { cause: error });
  }
  return (server.address() as AddressInfo).port;
};

/** Takes nobody in any more, and cuts off who is there. */
export const closeServer = (server: Server): void => {
  server.close();
  server.closeAllConnections();
};

const listenProblem = (error: NodeJS.ErrnoException, port: number, host: string): string => {
  if (error.code === 'EADDRINUSE')
    return `PORT ${port} on ${host} is already in use: stop what uses it or set PORT to another`;
  if (error.code === 'EACCES')
    return `PORT ${port} on ${host} needs more rights than this process has: use one from 1024 up`;
  return `cannot listen on ${host}:${port}: ${error.message}`;
};
