import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';

/** The HTTP answer to a rejected WebSocket. */
export interface RefusedUpgrade {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Resolves with the answer; rejects if the WebSocket was opened, or cut off without an answer. */
export const refusedUpgrade = (url: string, headers: Readonly<Record<string, string>> = {}): Promise<RefusedUpgrade> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers });
    socket.on('open', () => {
      socket.terminate();
      reject(new Error('the WebSocket was opened'));
    });
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
  });
