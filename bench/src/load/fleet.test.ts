import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Server } from 'socket.io';
import { type WebSocket, WebSocketServer } from 'ws';
import { waitFor } from '../../../tests/support/wait-for.js';
import { createBenchClock, wallOffsetMs } from '../wire/clock.js';
import { tickMessage, tickWithChannel } from '../wire/tick-payload.js';
import type { Greeting } from './commands.js';
import { createFleet, type Fleet } from './fleet.js';
import { noFaults } from './sequence-check.js';

const now = createBenchClock(wallOffsetMs());
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const tick = (channel: number, seq: number) => tickWithChannel(channel, tickMessage(channel, seq, 'b', now()));

const openFleet = (port: number, greeting: Greeting, clients: number): Fleet => {
  const options = { clients, channels: 2, inFlight: 2, limitMs: 10_000, staleAfterMs: 60_000 };
  const fleet = createFleet({ ...options, port, greeting }, now);
  closers.push(() => fleet.close());
  return fleet;
};

describe('createFleet', () => {
  const startWs = async (): Promise<{ server: WebSocketServer; port: number }> => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await new Promise((resolve) => server.once('listening', resolve));
    closers.push(() => server.close());
    return { server, port: (server.address() as AddressInfo).port };
  };

  test('[BN3] counts every tick of every client of a ws server, and answers its pings', async () => {
    const { server, port } = await startWs();
    let pongs = 0;
    server.on('connection', (socket: WebSocket) => socket.on('pong', () => (pongs += 1)));
    const fleet = openFleet(port, { kind: 'websocket', path: '/' }, 5);
    expect(await fleet.connect()).toMatchObject({ connected: 5, failed: 0 });
    for (const client of server.clients) {
      client.ping('are you there');
      for (let seq = 1; seq <= 100; seq += 1) client.send(JSON.stringify(tick(seq % 2, Math.ceil(seq / 2))));
      client.send('something else');
    }
    await waitFor('all ticks', () => fleet.counters.ticks === 500 && fleet.counters.others === 5 && pongs === 5);
    expect(fleet.check.faults).toEqual(noFaults());
    expect(fleet.frames()).toBe(505);
    expect(fleet.latency.count).toBe(500);
    expect(fleet.missing([50, 50])).toBe(0);
    expect(fleet.missing([51, 50])).toBe(5);
  });

  test('[BN4] finds what a server lost and what it told to have skipped', async () => {
    const { server, port } = await startWs();
    const fleet = openFleet(port, { kind: 'websocket', path: '/' }, 1);
    await fleet.connect();
    const [client] = server.clients;
    const messages = [tick(0, 1), tick(0, 3), { ...tick(0, 6), skipped: 2 }, tick(0, 7)];
    for (const message of messages) client?.send(JSON.stringify(message));
    await waitFor('all ticks', () => fleet.counters.ticks === 4);
    expect(fleet.check.faults).toEqual({ ...noFaults(), gaps: 1, declaredSkips: 2 });
  });

  test('[BN3] speaks to Socket.IO', async () => {
    const http = createServer();
    const io = new Server(http, { transports: ['websocket'] });
    io.on('connection', (socket) => socket.join('ticks'));
    http.listen(0, '127.0.0.1');
    await new Promise((resolve) => http.once('listening', resolve));
    closers.push(() => void io.close());
    const greeting = { kind: 'socket.io', path: '/socket.io/?EIO=4&transport=websocket' } as const;
    const fleet = openFleet((http.address() as AddressInfo).port, greeting, 3);
    expect(await fleet.connect()).toMatchObject({ connected: 3 });
    for (let seq = 1; seq <= 20; seq += 1) io.to('ticks').emit('tick', tick(1, seq));
    await waitFor('all ticks', () => fleet.counters.ticks === 60);
    expect(fleet.check.faults).toEqual(noFaults());
  });

  test('[BN24] tells how many could not connect', async () => {
    const http = createServer((_request, response) => response.end('no WebSocket here'));
    http.listen(0, '127.0.0.1');
    await new Promise((resolve) => http.once('listening', resolve));
    closers.push(() => http.close());
    const fleet = openFleet((http.address() as AddressInfo).port, { kind: 'websocket', path: '/' }, 2);
    expect(await fleet.connect()).toMatchObject({ connected: 0, failed: 2 });
  });
});
