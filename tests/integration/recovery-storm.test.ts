import { afterEach, describe, expect, it } from '@jest/globals';
import { type CentrifugeClient, type Fields, openCentrifuge } from '../support/centrifuge-client.js';
import { firstEpoch, type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';

const btc = 'trade.sim.BTC-USD';
const clientCount = 300;
const missed = 500;

describe('a recovery storm', () => {
  let server: MemoryGateway;
  const clients: CentrifugeClient[] = [];

  afterEach(async () => {
    for (const client of clients) client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  it('[G111] serves everybody everything, and reads history a few times', async () => {
    let reads = 0;
    server = await startMemoryGateway({
      env: { MAX_CONNECTIONS_PER_IP: '0' },
      onRead: () => {
        reads += 1;
      },
    });
    for (let i = 0; i < missed + 10; i += 1) await server.publish(btc, { price: '1.10' });
    for (let i = 0; i < clientCount; i += 1) clients.push(await openCentrifuge(server.url));
    await Promise.all(clients.map((client) => client.connect()));
    const before = reads;
    const replies = await Promise.all(
      clients.map((client, index) =>
        client.call({ subscribe: { channel: btc, recover: true, epoch: firstEpoch, offset: 1 + (index % 10) } }),
      ),
    );
    for (const [index, { error, subscribe }] of replies.entries()) {
      expect(error).toBeUndefined();
      const { recovered, publications } = subscribe as { recovered?: boolean; publications: readonly Fields[] };
      expect(recovered).toBe(true);
      expect(publications.length).toBe(missed + 9 - (index % 10));
      expect(publications.at(-1)?.['offset']).toBe(missed + 10);
    }
    expect(reads - before).toBeLessThan(30);
  });
});
