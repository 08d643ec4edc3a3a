import { readOpenFileLimit } from '@tickwire/runtime/open-files';
import type { LimitsConfig } from './limits-config.js';

/** How many of the configured sockets the system allows. */
export interface SocketBounds {
  /** WebSockets and event streams. */
  readonly connections: number;
  /** Connections, requests, and sockets whose handshake is not done. */
  readonly sockets: number;
}

/** Sockets beyond those of connected clients: for requests, and for handshakes in progress. */
const spareSockets = 4_096;
/** If the system allows few, this share of them is for requests. */
const spareShare = 0.1;
/** For Redis, operators, files and Node itself. */
const maxReserve = 128;
const reserveShare = 0.25;

/** `openFiles`: the number of descriptors this process may have; undefined if unknown. */
export const socketBounds = (maxConnections: number, openFiles: number | undefined): SocketBounds => {
  const granted =
    openFiles === undefined ? Number.POSITIVE_INFINITY : openFiles - Math.min(maxReserve, openFiles * reserveShare);
  const sockets = Math.max(1, Math.floor(Math.min(maxConnections + spareSockets, granted)));
  const spare = Math.min(spareSockets, Math.ceil(sockets * spareShare));
  return { connections: Math.max(1, Math.min(maxConnections, sockets - spare)), sockets };
};

export interface BoundLimits {
  readonly openFiles: number | undefined;
  /** Bounds of this process alone. */
  readonly bounds: SocketBounds;
  /** With no more connections than all workers together have descriptors for. */
  readonly limits: LimitsConfig;
}

export const boundLimits = (limits: LimitsConfig, workers: number): BoundLimits => {
  const openFiles = readOpenFileLimit();
  const bounds = socketBounds(limits.maxConnections, openFiles);
  const maxConnections = Math.min(limits.maxConnections, bounds.connections * workers);
  return { openFiles, bounds, limits: { ...limits, maxConnections } };
};
