import { readFileSync } from 'node:fs';

/** What the system grants of the sockets that were configured. */
export interface SocketBounds {
  /** WebSockets and event streams. */
  readonly connections: number;
  /** These, requests, and those on their way in. */
  readonly sockets: number;
}

/** Sockets beyond those of clients that are in: of requests, and of those on their way in. */
const spareSockets = 4_096;
/** Where the system grants few, this share of them is for requests. */
const spareShare = 0.1;
/** For Redis, operators, files and what Node itself opens. */
const maxReserve = 128;
const reserveShare = 0.25;

/** `openFiles` is how many descriptors this process may have; undefined where that is not known. */
export const socketBounds = (maxConnections: number, openFiles: number | undefined): SocketBounds => {
  const granted =
    openFiles === undefined ? Number.POSITIVE_INFINITY : openFiles - Math.min(maxReserve, openFiles * reserveShare);
  const sockets = Math.max(1, Math.floor(Math.min(maxConnections + spareSockets, granted)));
  const spare = Math.min(spareSockets, Math.ceil(sockets * spareShare));
  return { connections: Math.max(1, Math.min(maxConnections, sockets - spare)), sockets };
};

/** Descriptors this process may have, where the system says so in `/proc`. Node has raised the soft limit by now. */
export const readOpenFileLimit = (): number | undefined => {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
};
