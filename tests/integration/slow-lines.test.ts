import { describe, it } from '@jest/globals';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { startNarrowLine } from '../support/narrow-line.js';
import { closedAfterEach } from '../support/opened.js';
import { openPriceReader } from '../support/price-reader.js';
import { expectFresh, type FollowedLine, publishTrades } from '../support/slow-line-proof.js';
import { startTroubledLink, type TroubledLink } from '../support/troubled-link.js';
import { waitFor } from '../support/wait-for.js';

const symbols = ['BTC-USD', 'ETH-USD'];
/** 64 kbit/s. */
const bytesPerSecond = 8_000;
const lastsMs = 6_000;

describe('a slow line', () => {
  const use = closedAfterEach();

  const publishForSomeSeconds = async (server: MemoryGateway, lines: readonly FollowedLine[]): Promise<void> => {
    use(publishTrades(server, symbols));
    const began = performance.now();
    const hasSkipped = ({ reader }: FollowedLine): boolean => reader.arrivals.some(({ skipped }) => skipped > 0);
    const isOver = (): boolean => performance.now() - began > lastsMs && lines.every(hasSkipped);
    await waitFor('prices of some seconds', isOver, 60_000);
  };

  it('[G114] [G126] delivers no price more than 3 s late over a WebSocket, and says how many it skipped', async () => {
    const server = use(await startMemoryGateway({ env: { COMMANDS_PER_SECOND: '1', MAX_STALE_MS: '2000' } }));
    const lines: (FollowedLine & { readonly link: TroubledLink })[] = [];
    for (const protocol of ['plain JSON', 'Centrifuge JSON', 'Centrifuge Protobuf', 'Binance'] as const) {
      const link = use(await startTroubledLink(server.gateway.port));
      lines.push({ protocol, link, reader: use(await openPriceReader(protocol, `127.0.0.1:${link.port}`, symbols)) });
    }
    for (const { link } of lines) link.set({ kind: 'slow', bytesPerSecond });
    await publishForSomeSeconds(server, lines);
    for (const line of lines) expectFresh(line);
  });

  // Whoever only reads answers no ping: the kernel knows what has reached it.
  it('[G127] [G126] delivers no price more than 3 s late as a one-way stream, where nothing else buffers', async () => {
    const server = use(await startMemoryGateway({ env: { MAX_STALE_MS: '2000' } }));
    const narrow = use(await startNarrowLine(server.gateway.port, bytesPerSecond));
    const lines: FollowedLine[] = [];
    for (const protocol of ['event stream', 'HTTP stream'] as const) {
      lines.push({ protocol, reader: use(await openPriceReader(protocol, `127.0.0.1:${narrow.port}`, symbols)) });
    }
    await publishForSomeSeconds(server, lines);
    for (const line of lines) expectFresh(line);
  });
});
