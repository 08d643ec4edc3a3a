import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type WebSocket, WebSocketServer } from 'ws';
import { waitFor } from '../../../tests/support/wait-for.js';
import { createBenchClock, wallOffsetMs } from '../wire/clock.js';
import { channelNameOf, tickMessage, tickWithChannel } from '../wire/tick-payload.js';
import { comeBackAtOnce, startDrops } from './drops.js';
import { createFleet, type Fleet } from './fleet.js';
import { noFaults } from './sequence-check.js';

const now = createBenchClock(wallOffsetMs());
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const textOf = (seq: number): string => JSON.stringify(tickWithChannel(0, tickMessage(0, seq, 'b', now())));

/** Numbers what it publishes, and gives a client that reconnects what it missed. */
const startServer = async (canRecover: boolean) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  closers.push(() => server.close());
  let seq = 0;
  let isDeaf = false;
  server.on('connection', (socket: WebSocket, request) => {
    socket.on('error', () => {});
    if (isDeaf) socket.terminate();
    const since = /since=.*:(\d+)$/.exec(request.url ?? '')?.[1];
    if (!canRecover || since === undefined) return;
    for (let missed = Number(since) + 1; missed <= seq; missed += 1) socket.send(textOf(missed));
  });
  return {
    port: (server.address() as AddressInfo).port,
    publish() {
      seq += 1;
      for (const client of server.clients) client.send(textOf(seq));
      return seq;
    },
    turnDeaf: () => {
      isDeaf = true;
    },
  };
};

const openFleet = async (port: number, clients: number): Promise<Fleet> => {
  const greeting = { kind: 'websocket', path: `/?channels=${channelNameOf(0)}`, recovers: true } as const;
  const request = { port, clients, place: { first: 0, all: clients }, channels: 1, followed: undefined };
  const limits = { inFlight: clients, limitMs: 10_000, staleAfterMs: 60_000 };
  const fleet = createFleet({ ...request, ...limits, greetings: [greeting] }, now);
  closers.push(() => fleet.close());
  await fleet.connect();
  return fleet;
};

describe('connections that break', () => {
  test('[BN45] reconnect with their positions, and count nothing that a server gives back', async () => {
    const server = await startServer(true);
    const fleet = await openFleet(server.port, 4);
    server.publish();
    await waitFor('a tick each', () => fleet.served([1]) === 4);
    const drops = startDrops(fleet, { everyMs: 100, awayMs: 20, seed: 1 }, now);
    let last = 1;
    await waitFor('some breaks', () => {
      last = server.publish();
      return fleet.frames() > 100;
    });
    const { breaks, isComplete } = await drops.stop(10_000);
    expect(breaks).toBeGreaterThan(0);
    expect(isComplete).toBe(true);
    await waitFor('everybody to have everything', () => fleet.served([last]) === 4);
    expect(fleet.check.faults).toEqual(noFaults());
  });

  test('[BN45] a server that gives nothing back shows as gaps', async () => {
    const server = await startServer(false);
    const fleet = await openFleet(server.port, 1);
    server.publish();
    await waitFor('a tick', () => fleet.served([1]) === 1);
    fleet.leave(0);
    server.publish();
    fleet.comeBack(0);
    await waitFor('the client', () => fleet.stateOf(0) === 'open');
    server.publish();
    await waitFor('a tick', () => fleet.served([3]) === 1);
    expect(fleet.check.faults.gaps).toBe(1);
  });

  test('[BN46] all at once: how many were served what they missed, and how many not', async () => {
    const server = await startServer(true);
    const fleet = await openFleet(server.port, 3);
    server.publish();
    await waitFor('a tick each', () => fleet.served([1]) === 3);
    fleet.close();
    for (let missed = 0; missed < 5; missed += 1) server.publish();
    const served = await comeBackAtOnce(fleet, { published: [6], limitMs: 10_000 }, now);
    expect(served).toMatchObject({ served: 3, unserved: 0, refusal: undefined });
    expect(fleet.check.faults).toEqual(noFaults());

    fleet.close();
    server.publish();
    server.turnDeaf();
    const unserved = await comeBackAtOnce(fleet, { published: [7], limitMs: 200 }, now);
    expect(unserved).toMatchObject({ served: 0, unserved: 3 });
  });
});
