import type { RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { GatewayMetrics } from '../metrics/gateway-metrics.js';
import { createTurnstile } from '../timing/turnstile.js';

/** Requests of one connection that may wait for the one before them; far more than a client sends at once. */
const maxPipelined = 512;

export interface RequestsInTurnOptions {
  readonly metrics: Pick<GatewayMetrics, 'refused'>;
  /** Requests answered per turn of the event loop, over all connections. @default 8 */
  readonly perTurn?: number;
}

/**
 * Answers a few requests per turn of the event loop, and those of one connection one after the other, as its client
 * takes the answers. Otherwise a client that sends a thousand requests at once would have all of them answered or
 * rejected in one turn, in which nobody gets a tick.
 */
export const requestsInTurn = (answer: RequestListener, options: RequestsInTurnOptions): RequestListener => {
  const { metrics, perTurn = 8 } = options;
  const turnstile = createTurnstile({ perTurn });
  /** The waiting requests of each connection that is being answered, in order. */
  const waiting = new WeakMap<Socket, (() => void)[]>();

  const begin = (socket: Socket, response: ServerResponse, act: () => void): void => {
    response.once('close', () => goOn(socket));
    if (turnstile.enter(act)) return;
    metrics.refused('request-queue');
    response.writeHead(503, { 'Retry-After': '1', Connection: 'close' }).end();
  };

  const goOn = (socket: Socket): void => {
    const next = waiting.get(socket)?.shift();
    if (next === undefined) waiting.delete(socket);
    else next();
  };

  return (request, response) => {
    const { socket } = request;
    const act = (): void => {
      if (!response.destroyed) answer(request, response);
    };
    const others = waiting.get(socket);
    if (others === undefined) {
      waiting.set(socket, []);
      begin(socket, response, act);
    } else if (others.length < maxPipelined) {
      others.push(() => begin(socket, response, act));
    } else if (!socket.destroyed) {
      metrics.refused('pipelined');
      socket.destroy();
    }
  };
};
