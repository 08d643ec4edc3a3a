import type { VenueName } from '@tickwire/market';
import { createFakeExchange } from './fake-exchange.js';
import type { FakeExchange, FakeSymbol } from './fake-exchange-types.js';
import { type FakeServer, startFakeServer } from './fake-server.js';
import { fakeDialects, fakeSymbols } from './fake-venues.js';
import { createVenueClock, type Random } from './seams.js';

/** A fake exchange behind real sockets, whose time passes. */
export interface RunningExchange {
  readonly exchange: FakeExchange;
  readonly server: FakeServer;
  /** What a producer needs to follow it: `FEED`, and the URLs. */
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface RunningExchangeOptions {
  /** @default those of the venue's fake */
  readonly symbols?: readonly FakeSymbol[];
  /** @default Math.random */
  readonly random?: Random;
}

export const startExchange = async (
  venue: VenueName,
  { symbols = fakeSymbols[venue], random = Math.random }: RunningExchangeOptions = {},
): Promise<RunningExchange> => {
  const exchange = createFakeExchange({ dialect: fakeDialects[venue], clock: createVenueClock(), random, symbols });
  const server = await startFakeServer(exchange);
  const seconds = setInterval(exchange.second, 1_000);
  const name = venue.toUpperCase();
  return {
    exchange,
    server,
    variables: { FEED: venue, [`${name}_WS_URL`]: server.socketUrl, [`${name}_REST_URL`]: server.httpUrl },
    async close() {
      clearInterval(seconds);
      await server.close();
    },
  };
};
