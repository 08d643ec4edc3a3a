import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { firstEpoch, type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { connectPlain, type PlainClient } from '../support/plain-client.js';
import { waitFor } from '../support/wait-for.js';

const btc = 'trade.sim.BTC-USD';

describe('a writer that may publish to a group and nothing else', () => {
  let server: MemoryGateway;
  let client: PlainClient;

  const seqs = (): unknown[] => client.messages.map(({ seq }) => seq);

  beforeEach(async () => {
    server = await startMemoryGateway();
    for (let i = 0; i < 3; i += 1) await server.publish(btc);
    client = await connectPlain(`${server.url}/ws/prediction/?channels=${btc}`);
    await waitFor('the newest', () => seqs().includes(3));
  });
  afterEach(async () => {
    client.socket.terminate();
    await server[Symbol.asyncDispose]();
  });

  it('[B85] does not mute a channel with a position that history does not reach', async () => {
    await server.layer.groupSend(btc, { type: 'price.trade', seq: 2 ** 53 - 1, epoch: firstEpoch });
    for (let i = 0; i < 3; i += 1) await server.publish(btc);
    await waitFor('all of them', () => seqs().includes(6));
    expect(seqs()).toEqual([3, 4, 5, 6]);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('tickwire_dropped_total{reason="forged"} 1');
    expect(metrics).toContain('tickwire_dropped_total{reason="lost"} 0');
  });

  it('[B86] [G112] speaks neither for the gateway nor for the group with a position of another one', async () => {
    const copied = { type: 'price.trade', seq: 41, epoch: 'another' };
    const notice = { type: 'channel.lost', channel: btc };
    await server.layer.groupSend(btc, copied);
    await server.layer.groupSend(btc, notice);
    await server.publish(btc);
    await waitFor('the next', () => seqs().includes(4));
    expect(client.messages.slice(1, 3)).toEqual([
      { channel: btc, type: 'channel.message', message: copied },
      { channel: btc, type: 'channel.message', message: notice },
    ]);
    expect(seqs()).toEqual([3, undefined, undefined, 4]);
  });
});
