import type { WebSocketConnection } from './connection.js';

const slotCount = 25;

/**
 * Pings every connection once per interval and ends those that showed no life since the ping before. One timer for
 * all: connections are spread over the slots of a wheel, so that no moment pings everybody.
 */
export interface Heartbeat {
  add(connection: WebSocketConnection): void;
  remove(connection: WebSocketConnection): void;
  close(): void;
}

export const createHeartbeat = (intervalMs: number, onTimeout: () => void): Heartbeat => {
  const slots = Array.from({ length: slotCount }, () => new Set<WebSocketConnection>());
  let next = 0;
  let turn = 0;

  const timer = setInterval(() => {
    turn = (turn + 1) % slotCount;
    for (const connection of slots[turn] ?? []) {
      if (!connection.isAlive) {
        onTimeout();
        connection.ws.terminate();
        continue;
      }
      connection.isAlive = false;
      connection.ws.ping();
    }
  }, intervalMs / slotCount);

  return {
    add(connection) {
      next = (next + 1) % slotCount;
      connection.heartbeatSlot = next;
      slots[next]?.add(connection);
    },
    remove(connection) {
      slots[connection.heartbeatSlot]?.delete(connection);
    },
    close() {
      clearInterval(timer);
    },
  };
};
