import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from './run-main.js';

/**
 * Longer than the 60 s for which balancers keep an idle connection; otherwise they send a request while we close it.
 */
const keepAliveMs = 75_000;

/** Connections waiting to be accepted. */
const backlog = 4_096;

export interface ListenOptions {
  readonly port: number;
  readonly host: string;
  /** The variable that the port comes from. @default 'PORT' */
  readonly variable?: string;
}

/**
 * Listens and keeps idle connections for 75 s. Resolves with the port; for port 0 the system chooses one.
 * @throws StartError in one sentence when the port is taken or not allowed.
 */
export const listen = async (server: Server, { port, host, variable = 'PORT' }: ListenOptions): Promise<number> => {
  server.keepAliveTimeout = keepAliveMs;
  server.listen({ port, host, backlog });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(listenProblem(error as NodeJS.ErrnoException, variable, port, host), { cause: error });
  }
  return (server.address() as AddressInfo).port;
};

/** Accepts no more connections and cuts the existing ones. */
export const closeServer = (server: Server): void => {
  server.close();
  server.closeAllConnections();
};

const listenProblem = (error: NodeJS.ErrnoException, variable: string, port: number, host: string): string => {
  if (error.code === 'EADDRINUSE')
    return `${variable} ${port} on ${host} is already in use: stop the program that uses it or set ${variable} to another`;
  if (error.code === 'EACCES')
    return `${variable} ${port} on ${host} needs more rights than this process has: use 1024 or higher`;
  if (error.code === 'ENOTFOUND' || error.code === 'EADDRNOTAVAIL')
    return `HOST ${host} is not an address of this machine: set HOST to one without scheme and port, such as 0.0.0.0 or 127.0.0.1`;
  return `cannot listen on ${host}:${port} (HOST, ${variable}): ${error.message}`;
};
