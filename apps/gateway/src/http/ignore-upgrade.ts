import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Whether the client offers WebSocket, perhaps beside other protocols. */
export const offersWebSocket = ({ headers: { upgrade = '' } }: Pick<IncomingMessage, 'headers'>): boolean =>
  tokensOf(upgrade).includes('websocket');

/**
 * Serves a request as if it had not offered another protocol, as RFC 9110, 7.8, requires: clients that offer HTTP/2
 * with their first request must not notice. Once there is a listener for `upgrade`, Node hands over the bare socket
 * with an unread body. So the request is put back without its offer and read again.
 */
export const ignoreUpgrade = (server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void => {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at] ?? '';
    const value = request.rawHeaders[at + 1] ?? '';
    if (/^(upgrade|http2-settings)$/i.test(name)) continue;
    lines.push(`${name}: ${/^connection$/i.test(name) ? withoutOffer(value) : value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
};

const withoutOffer = (connection: string): string =>
  tokensOf(connection)
    .filter((token) => token !== 'upgrade' && token !== 'http2-settings')
    .join(', ');

const tokensOf = (header: string): readonly string[] => header.split(',').map((token) => token.trim().toLowerCase());
