import { expect } from '@jest/globals';
import type { MemoryGateway } from './memory-gateway.js';
import { type PriceReader, type ReaderProtocol, timedTrade } from './price-reader.js';
import { patientMs } from './wait-for.js';

/** A client behind a slow line. */
export interface FollowedLine {
  readonly protocol: ReaderProtocol;
  readonly reader: PriceReader;
}

/**
 * Publishes 75 trades a second of each symbol, some 600 bytes each (150 in Binance's form). Each symbol counts its own.
 */
export const publishTrades = (server: Pick<MemoryGateway, 'publish'>, symbols: readonly string[]): Disposable => {
  let id = 0;
  const timer = setInterval(() => {
    id += 1;
    for (const symbol of symbols) {
      void server.publish(`trade.sim.${symbol}`, { ...timedTrade(symbol, id), padding: 'x'.repeat(400) });
    }
  }, 1_000 / 75);
  return { [Symbol.dispose]: () => clearInterval(timer) };
};

/** No price came more than 3 s late, and the prices received and those reported as skipped add up. */
export const expectFresh = ({ protocol, reader }: FollowedLine): void => {
  const { arrivals } = reader;
  expect([protocol, reader.hasEnded(), arrivals.length > 0]).toEqual([protocol, false, true]);
  // On a busy machine lines and clients are late themselves.
  const limitMs = patientMs(3_000);
  expect([protocol, arrivals.filter(({ ageMs }) => ageMs > limitMs)]).toEqual([protocol, []]);
  const late = arrivals.filter(({ skipped }) => skipped > 0);
  const reported = arrivals.filter(({ waitedMs = -1 }) => waitedMs >= 0);
  expect([protocol, reported.length]).toEqual([protocol, protocol === 'Binance' ? 0 : late.length]);
  for (const channel of new Set(arrivals.map((arrival) => arrival.channel))) {
    const mine = arrivals.filter((arrival) => arrival.channel === channel);
    const accounted = mine.reduce((sum, { skipped }) => sum + 1 + skipped, 0);
    // Binance has no field for the number skipped before the first.
    const before = protocol === 'Binance' ? (mine[0]?.id ?? 1) - 1 : 0;
    expect([channel, accounted]).toEqual([channel, (mine.at(-1)?.id ?? 0) - before]);
  }
};
