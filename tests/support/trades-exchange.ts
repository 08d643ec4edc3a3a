import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const firstTradeId = 1_000;

/** An exchange with one trade more each time it is asked, as Binance answers `aggTrades`. */
export const startTradesExchange = async () => {
  let newest = firstTradeId;
  const server = createServer((request, response) => {
    newest += 3;
    const query = new URL(request.url ?? '', 'http://exchange').searchParams;
    const from = Number(query.get('fromId') ?? firstTradeId);
    const trades = Array.from({ length: Math.max(0, newest - from + 1) }, (_, index) => {
      const a = from + index;
      return { a, p: `${a}.50`, q: '0.1', m: a % 2 === 0, T: 1_700_000_000_000 + a };
    });
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(trades));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
