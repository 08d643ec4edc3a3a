import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { startTroubledLink, type TroubledLink } from '../support/troubled-link.js';
import { waitFor } from '../support/wait-for.js';

const btc = 'trade.sim.BTC-USD';
const eth = 'trade.sim.ETH-USD';
const bytesPerSecond = 8_000;
const lastsMs = 6_000;
const padding = 'x'.repeat(400);

describe('a slow line', () => {
  let server: MemoryGateway;
  let link: TroubledLink;
  let socket: WebSocket;
  let publishing: NodeJS.Timeout;

  afterEach(async () => {
    clearInterval(publishing);
    socket.terminate();
    await link[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it('[G114] delivers no price more than 3 s late, and says how many it skipped', async () => {
    server = await startMemoryGateway({ env: { COMMANDS_PER_SECOND: '1', MAX_STALE_MS: '2000' } });
    link = await startTroubledLink(server.gateway.port);
    socket = new WebSocket(`ws://127.0.0.1:${link.port}/ws/prediction/?channels=${btc},${eth}&last=0`, {
      perMessageDeflate: false,
    });
    await once(socket, 'open');
    link.set({ kind: 'slow', bytesPerSecond });
    const arrived: { readonly at: number; readonly ageMs: number; readonly skipped: number }[] = [];
    socket.on('message', (data) => {
      const { at, skipped = 0 } = JSON.parse(data.toString()) as { at: number; skipped?: number };
      arrived.push({ at, ageMs: performance.now() - at, skipped });
    });
    // 25 kB a second, three times of what the line carries.
    publishing = setInterval(() => {
      for (const channel of [btc, eth]) void server.publish(channel, { at: performance.now(), padding });
    }, 40);
    const began = performance.now();
    await waitFor('prices of some seconds', () => (arrived.at(-1)?.at ?? 0) > began + lastsMs, 30_000);
    expect(Math.max(...arrived.map(({ ageMs }) => ageMs))).toBeLessThan(3_000);
    expect(arrived.some(({ skipped }) => skipped > 0)).toBe(true);
    expect(socket.readyState).toBe(WebSocket.OPEN);
  });
});
