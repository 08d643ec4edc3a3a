import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type WebSocket, WebSocketServer } from 'ws';
import { waitFor } from '../../../tests/support/wait-for.js';
import { noFaults } from '../load/sequence-check.js';
import { tickMessage, tickWithChannel } from '../wire/tick-payload.js';
import { type Crowd, createCrowd } from './crowd.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** What one client asked for, and a way to send it ticks of one channel. */
interface Visit {
  readonly url: URL;
  readonly socket: WebSocket;
  readonly said: string[];
  tick(seq: number): void;
}

const tick = (seq: number): string => JSON.stringify(tickWithChannel(0, tickMessage(0, seq, 'b', 1)));

const startServer = async (): Promise<{ visits: Visit[]; port: number }> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  closers.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const visits: Visit[] = [];
  server.on('connection', (socket, request) => {
    const url = new URL(request.url ?? '', 'ws://server');
    const said: string[] = [];
    const isCentrifuge = url.pathname === '/connection/websocket';
    socket.on('error', () => {});
    socket.on('message', (data) => {
      said.push(data.toString());
      if (said.length === 1 && isCentrifuge) socket.send('{"id":1,"connect":{}}');
    });
    const wrap = (json: string): string => {
      if (isCentrifuge)
        return `{}\n{"push":{"channel":"trade.sim.C000-USD","pub":{"data":${json}}}}\n{"id":2,"subscribe":{}}`;
      return url.searchParams.has('batch') ? `[${json}]` : json;
    };
    visits.push({ url, socket, said, tick: (seq) => socket.send(wrap(tick(seq))) });
  });
  return { visits, port: (server.address() as AddressInfo).port };
};

const openCrowd = async (clients: number, port: number, draws: readonly number[]): Promise<Crowd> => {
  let at = 0;
  const random = (): number => draws[at++ % draws.length] as number;
  const crowd = createCrowd({ port, clients, channels: 1, limitMs: 20_000 }, random);
  closers.push(() => crowd.close());
  await crowd.open();
  return crowd;
};

describe('createCrowd', () => {
  test('[BN32] speaks plain JSON, batches and the Centrifuge protocol, and checks each', async () => {
    const { visits, port } = await startServer();
    const crowd = await openCrowd(5, port, [0.9]);
    expect(crowd.counts()).toMatchObject({ open: 5, opened: { plain: 3, batch: 1, centrifuge: 1 } });
    await waitFor('the subscriptions', () => visits.some(({ said }) => said.length >= 3));
    const centrifuge = visits.find(({ said }) => said.length > 0);
    expect(centrifuge?.said.slice(1).map((text) => JSON.parse(text))).toEqual([
      { id: 2, subscribe: { channel: 'trade.sim.C000-USD' } },
      { id: 3, subscribe: { channel: expect.stringMatching(/^trade\.sim\.S\d-USD$/) } },
    ]);
    for (const { tick: send } of visits) for (const seq of [7, 8, 8, 10]) send(seq);
    await waitFor('all ticks', () => crowd.counts().ticks === 20);
    expect(crowd.counts().faults).toEqual({ ...noFaults(), gaps: 5, duplicates: 5 });
    expect(crowd.missing([11])).toBe(5);
    // Each message began with a ping.
    await waitFor('the pongs', () => centrifuge?.said.filter((text) => text === '{}').length === 4);
  });

  test('[BN32] a client that reconnects with its position asks for what it missed, and finds what it does not get', async () => {
    const { visits, port } = await startServer();
    // Below a half: by a reset, and back with positions, at once.
    const crowd = await openCrowd(1, port, [0]);
    visits[0]?.tick(3);
    await waitFor('a tick', () => crowd.counts().ticks === 1);
    crowd.churn(50);
    await waitFor('the client to reconnect', () => visits.length > 1);
    crowd.stay();
    await waitFor('the client to be there', () => crowd.isComplete());
    expect(visits[0]?.url.searchParams.get('since')).toBeNull();
    const back = visits.at(-1);
    expect(back?.url.searchParams.get('since')).toBe('trade.sim.C000-USD:b:3');
    const own = visits.map(({ url }) => url.searchParams.get('channels')?.split(',')[1]);
    expect(new Set(own).size).toBe(visits.length);
    back?.tick(5);
    await waitFor('a tick', () => crowd.counts().ticks === 2);
    expect(crowd.counts()).toMatchObject({ leftPolitely: 0, closed: 0, failed: 0, faults: { gaps: 1 } });
    expect(crowd.counts().reset).toBe(visits.length - 1);
  });

  test('[BN32] a client that begins anew may begin anywhere, and leaves with a close frame', async () => {
    const { visits, port } = await startServer();
    const crowd = await openCrowd(1, port, [0.5]);
    const codes: number[] = [];
    visits[0]?.socket.on('close', (code) => codes.push(code));
    visits[0]?.tick(9);
    await waitFor('a tick', () => crowd.counts().ticks === 1);
    crowd.churn(50);
    await waitFor('the client to go', () => codes.length > 0);
    crowd.stay();
    await waitFor('the client to reconnect', () => visits.length > 1 && crowd.isComplete());
    visits.at(-1)?.tick(2);
    await waitFor('a tick', () => crowd.counts().ticks === 2);
    expect(codes).toEqual([1000]);
    expect(crowd.counts()).toMatchObject({ recovering: 0, reset: 0, faults: noFaults() });
  });

  test('[BN32] a client that the server sends away is counted, and reconnects', async () => {
    const { visits, port } = await startServer();
    const crowd = await openCrowd(1, port, [0.9]);
    visits[0]?.socket.close(3000);
    await waitFor('the client to reconnect', () => visits.length === 2 && crowd.isComplete());
    expect(crowd.counts()).toMatchObject({ closed: 1, failed: 0 });
  });
});
