import { describe, expect, it } from '@jest/globals';
import { startMemoryGateway } from '../support/memory-gateway.js';
import { closedAfterEach } from '../support/opened.js';
import { openPriceReader, readerProtocols } from '../support/price-reader.js';
import { hasNamespaces, openShapedLine } from '../support/shaped-line.js';
import { expectFresh, type FollowedLine, publishTrades } from '../support/slow-line-proof.js';
import { slowness, waitFor } from '../support/wait-for.js';

const symbols = ['BTC-USD', 'ETH-USD'];
const lastsMs = 20_000;

const canShape = hasNamespaces();
if (!canShape) process.stderr.write('slow-lines.nightly: left out, no network namespaces for this user\n');

describe('a real slow line, with the buffers that the kernel has', () => {
  const use = closedAfterEach();

  it.each([64, 100, 256, 1_000])(
    '[G114] [G127] %i kbit/s: no price comes more than 3 s late on any protocol',
    async (kbits) => {
      if (!canShape) return;
      const server = use(await startMemoryGateway({ env: { HOST: '0.0.0.0', MAX_STALE_MS: '2000' } }));
      const lines: FollowedLine[] = [];
      for (const protocol of readerProtocols) {
        const line = use(await openShapedLine(server.gateway.port, kbits));
        lines.push({ protocol, reader: use(await openPriceReader(protocol, line.address, symbols)) });
      }
      use(publishTrades(server, symbols));
      const began = performance.now();
      await waitFor('prices of some seconds', () => performance.now() - began > lastsMs, 120_000);
      for (const line of lines) expectFresh(line);
      // Who keeps up is not taken for slow, unless the machine is.
      const arrivals = lines.flatMap(({ reader }) => reader.arrivals);
      const skipped = arrivals.reduce((sum, arrival) => sum + arrival.skipped, 0);
      if (kbits < 720) expect(skipped).toBeGreaterThan(0);
      else if (slowness() < 1.5) expect(skipped).toBe(0);
    },
  );
});
