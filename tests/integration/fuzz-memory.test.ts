import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { isNightly } from '../support/depth.js';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { waitFor } from '../support/wait-for.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const channels = Array.from({ length: 600 }, (_, index) => `trade.sim.A${index}-USD`);
const deep = '['.repeat(20_000);

interface Misbehaved {
  readonly path: string;
  readonly frames: readonly (string | Buffer)[];
  /** In the last answer before it leaves; without it the gateway closes. */
  readonly last?: string;
}

/** What each consumer is sent: much that is refused, and subscriptions that are left without a word. */
const clients: readonly Misbehaved[] = [
  {
    path: '/ws/prediction/',
    frames: [deep, 'x'.repeat(60_000), Buffer.alloc(1_000), JSON.stringify({ subscribe: channels, last: 1_000 })],
    last: `"channel.subscribed","channel":"${channels.at(-1)}"`,
  },
  {
    path: '/connection/websocket',
    frames: [
      '{"id":1,"connect":{}}',
      channels.map((channel, index) => JSON.stringify({ id: index + 2, subscribe: { channel } })).join('\n'),
      '{"id":5000,"rpc":{}}',
    ],
    last: `"id":${channels.length + 1},`,
  },
  { path: '/connection/websocket', frames: ['{"id":1,"connect":{}}', `{"id":5000,"rpc":${deep}}`] },
  { path: '/connection/websocket?format=protobuf', frames: [Buffer.alloc(30_000, 0x0b)] },
  {
    path: '/ws',
    frames: [
      ...[deep, Buffer.alloc(1_000)],
      JSON.stringify({ method: 'SUBSCRIBE', id: 77, params: channels.map((_, index) => `a${index}usd@trade`) }),
    ],
    last: '"id":77',
  },
];

/** All of them at once, a few times over, and then gone without a goodbye. */
const misbehave = async ({ url }: MemoryGateway, times: number): Promise<void> => {
  for (let time = 0; time < times; time += 1) {
    await Promise.all(
      clients.map(async ({ path, frames, last }) => {
        const socket = new WebSocket(url.replace('http', 'ws') + path);
        socket.on('error', () => {});
        socket.on('message', (data) => {
          if (last !== undefined && data.toString().includes(last)) socket.terminate();
        });
        const closed = once(socket, 'close');
        await once(socket, 'open');
        for (const frame of frames) socket.send(frame, { binary: typeof frame !== 'string' });
        await closed;
      }),
    );
    const stream = await fetch(`${url}/connection/uni_sse?channel=${channels.slice(0, 200).join('&channel=')}`);
    await stream.body?.cancel();
    await fetch(`${url}/connection/uni_sse?cf_connect=${'['.repeat(10_000)}`);
  }
};

const times = isNightly ? 14 : 7;
/** A round subscribes to 1,800 channels: 60 bytes for each would show. */
const maxGrowthBytes = 107_000 * times;

describe('clients that misbehave and leave', () => {
  it('[G67] leave nothing behind in memory, after hundreds of them as after some', async () => {
    await using server = await startMemoryGateway({ symbols: [], env: { GROUP_LINGER_MS: '0', MAX_CHANNELS: '2000' } });
    const usedBytes = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    await misbehave(server, 4);
    const before = usedBytes();
    await misbehave(server, times);
    // What ends with sockets and timers takes a while.
    let growth = Number.POSITIVE_INFINITY;
    await waitFor(
      'memory to be as it was',
      () => {
        growth = usedBytes() - before;
        return growth < maxGrowthBytes;
      },
      20_000,
    );
    expect(growth).toBeLessThan(maxGrowthBytes);
  });
});
