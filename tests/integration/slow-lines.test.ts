import { afterEach, describe, expect, it } from '@jest/globals';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { startNarrowLine } from '../support/narrow-line.js';
import { openPriceReader, type PriceReader, type ReaderProtocol, timedTrade } from '../support/price-reader.js';
import { startTroubledLink, type TroubledLink } from '../support/troubled-link.js';
import { patientMs, waitFor } from '../support/wait-for.js';

const symbols = ['BTC-USD', 'ETH-USD'];
/** 64 kbit/s. */
const bytesPerSecond = 8_000;
/** Some 600 bytes each, or 150 at Binance: several times of what the line carries. */
const perSecond = 150;
const lastsMs = 6_000;

describe('a slow line', () => {
  const opened: (AsyncDisposable | Disposable)[] = [];
  const open = async <T extends AsyncDisposable | Disposable>(opening: Promise<T>): Promise<T> => {
    const thing = await opening;
    opened.push(thing);
    return thing;
  };

  afterEach(async () => {
    for (const thing of opened.splice(0).reverse()) {
      if (Symbol.asyncDispose in thing) await thing[Symbol.asyncDispose]();
      else thing[Symbol.dispose]();
    }
  });

  /** Two symbols, each with its own count of trades. */
  const publishTrades = (server: MemoryGateway): void => {
    let id = 0;
    const timer = setInterval(() => {
      id += 1;
      for (const symbol of symbols) {
        void server.publish(`trade.sim.${symbol}`, { ...timedTrade(symbol, id), padding: 'x'.repeat(400) });
      }
    }, 2_000 / perSecond);
    opened.push({ [Symbol.dispose]: () => clearInterval(timer) });
  };

  interface Line {
    readonly protocol: ReaderProtocol;
    readonly reader: PriceReader;
  }

  const expectFresh = ({ protocol, reader }: Line): void => {
    const { arrivals } = reader;
    expect([protocol, reader.hasEnded()]).toEqual([protocol, false]);
    // Lines and clients of a busy machine are late themselves.
    expect([protocol, arrivals.filter(({ ageMs }) => ageMs > patientMs(3_000))]).toEqual([protocol, []]);
    const late = arrivals.filter(({ skipped }) => skipped > 0);
    const told = arrivals.filter(({ waitedMs = -1 }) => waitedMs >= 0);
    expect([protocol, told.length]).toEqual([protocol, protocol === 'Binance' ? 0 : late.length]);
    for (const channel of new Set(arrivals.map((arrival) => arrival.channel))) {
      const mine = arrivals.filter((arrival) => arrival.channel === channel);
      const accounted = mine.reduce((sum, { skipped }) => sum + 1 + skipped, 0);
      // Binance has no number for what was skipped before the first.
      const before = protocol === 'Binance' ? (mine[0]?.id ?? 1) - 1 : 0;
      expect([channel, accounted]).toEqual([channel, (mine.at(-1)?.id ?? 0) - before]);
    }
  };

  const publishForSomeSeconds = async (server: MemoryGateway, lines: readonly Line[]): Promise<void> => {
    publishTrades(server);
    const began = performance.now();
    const hasSkipped = ({ reader }: Line): boolean => reader.arrivals.some(({ skipped }) => skipped > 0);
    const isOver = (): boolean => performance.now() - began > lastsMs && lines.every(hasSkipped);
    await waitFor('prices of some seconds', isOver, 60_000);
  };

  it('[G114] [G126] delivers no price more than 3 s late over a WebSocket, and says how many it skipped', async () => {
    const server = await open(startMemoryGateway({ env: { COMMANDS_PER_SECOND: '1', MAX_STALE_MS: '2000' } }));
    const lines: (Line & { readonly link: TroubledLink })[] = [];
    for (const protocol of ['plain JSON', 'Centrifuge JSON', 'Centrifuge Protobuf', 'Binance'] as const) {
      const link = await open(startTroubledLink(server.gateway.port));
      lines.push({ protocol, link, reader: await open(openPriceReader(protocol, link.port, symbols)) });
    }
    for (const { link } of lines) link.set({ kind: 'slow', bytesPerSecond });
    await publishForSomeSeconds(server, lines);
    for (const line of lines) expectFresh(line);
  });

  // Whoever only reads answers no ping: the kernel knows what has reached it.
  it('[G127] [G126] delivers no price more than 3 s late as a one-way stream, where nothing else buffers', async () => {
    const server = await open(startMemoryGateway({ env: { MAX_STALE_MS: '2000' } }));
    const narrow = await open(startNarrowLine(server.gateway.port, bytesPerSecond));
    const lines: Line[] = [];
    for (const protocol of ['event stream', 'HTTP stream'] as const) {
      lines.push({ protocol, reader: await open(openPriceReader(protocol, narrow.port, symbols)) });
    }
    await publishForSomeSeconds(server, lines);
    for (const line of lines) expectFresh(line);
  });
});
