import { createWheel, type Wheel } from '../timing/wheel.js';
import type { WebSocketConnection } from './connection.js';

/** Pings every connection once per interval and ends those that showed no life since the ping before. */
export const createHeartbeat = (intervalMs: number, onTimeout: () => void): Wheel<WebSocketConnection> =>
  createWheel({
    intervalMs,
    visit(connection) {
      if (connection.isAlive) {
        connection.isAlive = false;
        connection.ws.ping();
      } else {
        onTimeout();
        connection.ws.terminate();
      }
    },
  });
