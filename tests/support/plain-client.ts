import { once } from 'node:events';
import { WebSocket } from 'ws';
import { waitFor } from './wait-for.js';

/** A plain WebSocket client that keeps everything it receives, in order. */
export interface PlainClient extends Disposable {
  readonly messages: Readonly<Record<string, unknown>>[];
  readonly socket: WebSocket;
  /** Resolves with the close code and reason once the connection is closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Resolves with the first message, past or future, that fulfils the condition. */
  until(
    what: string,
    predicate: (message: Readonly<Record<string, unknown>>) => boolean,
    deadlineMs?: number,
  ): Promise<Readonly<Record<string, unknown>>>;
}

/** Resolves once connected; with the certificate to trust, if it is not one that everybody trusts. */
export const connectPlain = async (url: string, protocols?: string[], ca?: Buffer): Promise<PlainClient> => {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, { ...(ca !== undefined && { ca }) });
  const messages: Readonly<Record<string, unknown>>[] = [];
  socket.on('message', (data) => {
    const parsed: unknown = JSON.parse(data.toString());
    for (const message of Array.isArray(parsed) ? parsed : [parsed]) messages.push(message);
  });
  let end: string | undefined;
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      end = `${code} ${reason.toString()}`;
      resolve({ code, reason: reason.toString() });
    });
  });
  await once(socket, 'open');
  return {
    messages,
    socket,
    closed,
    until: (what, predicate, deadlineMs) =>
      waitFor(
        what,
        () => {
          const found = messages.find(predicate);
          if (found === undefined && end !== undefined)
            throw new Error(`no ${what} in ${messages.length} messages before the end: ${end}`);
          return found;
        },
        deadlineMs,
      ),
    [Symbol.dispose]() {
      socket.terminate();
    },
  };
};
