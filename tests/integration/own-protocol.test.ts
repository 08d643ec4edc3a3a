import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { linesRoute } from '../support/lines-protocol.js';
import { startMemoryGateway } from '../support/memory-gateway.js';
import { waitFor } from '../support/wait-for.js';

const channel = 'trade.sim.BTC-USD';

const connectLines = async (url: string) => {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/lines`);
  const lines: string[] = [];
  socket.on('message', (data) => lines.push(data.toString()));
  await once(socket, 'open');
  return { socket, lines, [Symbol.dispose]: () => socket.terminate() };
};

describe('a protocol of its own', () => {
  it('[G132] is a codec, a consumer and a route: recovery, slow clients and closing come with it', async () => {
    await using served = await startMemoryGateway({ moreRoutes: (context) => [linesRoute(context)] });
    await served.publish(channel, { price: '1' });
    using client = await connectLines(served.url);
    using other = await connectLines(served.url);
    for (const { socket } of [client, other]) socket.send(channel);
    await waitFor('the newest', () => [client, other].every(({ lines }) => lines.length === 1));
    await served.publish(channel, { price: '2' });
    await served.reset(channel, 'e2');
    await served.publish(channel, { price: '3' });
    const expected = [`${channel} 1 0`, `${channel} 2 0`, `${channel} lost`, `${channel} 3 0`];
    await waitFor('what follows', () => [client, other].every(({ lines }) => lines.length === expected.length));
    expect([client.lines, other.lines]).toEqual([expected, expected]);

    other.socket.send('nope');
    const [code] = await once(other.socket, 'close');
    expect(code).toBe(4504);
    const metrics = await (await fetch(`${served.url}/metrics`)).text();
    expect(metrics).toMatch(/tickwire_connections 1\n/);
    await served.gateway.close();
    const [closed] = await once(client.socket, 'close');
    expect(closed).toBe(3001);
  });

  it('[G132] leaves the paths of the gateway as they are', async () => {
    await using served = await startMemoryGateway();
    const refused = new WebSocket(`${served.url.replace(/^http/, 'ws')}/lines`);
    const [error] = await once(refused, 'error');
    expect(String(error)).toContain('404');
  });
});
