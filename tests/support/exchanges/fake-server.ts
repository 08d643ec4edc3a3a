import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { FakeExchange } from './fake-exchange-types.js';

/** A fake exchange behind real sockets, on a free port. */
export interface FakeServer {
  readonly socketUrl: string;
  readonly httpUrl: string;
  /** Drops every TCP connection without a word. */
  destroySockets(): void;
  close(): Promise<void>;
}

export const startFakeServer = async (exchange: FakeExchange): Promise<FakeServer> => {
  const server = createServer((request, response) => {
    try {
      const answer = exchange.get(`http://fake${request.url ?? '/'}`);
      if (answer) response.writeHead(answer.status, { ...answer.headers }).end(answer.body);
    } catch {
      request.socket.destroy();
    }
  });
  // Pongs go through the exchange, which may be playing dead.
  const sockets = new WebSocketServer({ noServer: true, autoPong: false });

  server.on('upgrade', (request, socket, head) => {
    let accept = (): void => {};
    const accepted = new Promise<void>((resolve) => {
      accept = resolve;
    });
    let ws: import('ws').WebSocket | undefined;
    const later = (action: () => void): void => {
      if (ws) action();
      else void accepted.then(action);
    };
    const result = exchange.connect(request.url ?? '/', {
      text: (text) => later(() => ws?.send(text)),
      ping: (payload) => later(() => ws?.ping(payload)),
      pong: () => later(() => ws?.pong()),
      close: (code, reason) => later(() => (code === 1006 ? ws?.terminate() : ws?.close(code, reason))),
    });
    if (!('receive' in result)) {
      const headers = Object.entries(result.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${result.status} No\r\n${headers.join('')}content-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      ws = opened;
      opened.on('message', (data) => result.receive(String(data)));
      opened.on('ping', () => result.ping());
      opened.on('pong', () => result.pong());
      opened.on('close', () => result.gone());
      opened.on('error', () => {}); // `close` follows
      accept();
    });
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    socketUrl: `ws://${host}/ws`,
    httpUrl: `http://${host}`,
    destroySockets: () => {
      for (const client of sockets.clients) client.terminate();
    },
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
