import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Server } from 'socket.io';
import { type WebSocket, WebSocketServer } from 'ws';
import { waitFor } from '../../../tests/support/wait-for.js';
import { createBenchClock, wallOffsetMs } from '../wire/clock.js';
import { channelNameOf, tickMessage, tickWithChannel } from '../wire/tick-payload.js';
import type { ConnectRequest } from './commands.js';
import { createFleet, type Fleet } from './fleet.js';
import type { Greeting } from './greeting.js';
import { noFaults } from './sequence-check.js';

const now = createBenchClock(wallOffsetMs());
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const tick = (channel: number, seq: number) => tickWithChannel(channel, tickMessage(channel, seq, 'b', now()));

const openFleet = (port: number, greeting: Greeting, clients: number, more: Partial<ConnectRequest> = {}): Fleet => {
  const options = { clients, channels: 2, inFlight: 2, limitMs: 10_000, staleAfterMs: 60_000, followed: undefined };
  const place = { first: 0, all: clients };
  const fleet = createFleet({ ...options, place, port, greetings: [greeting], ...more }, now);
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

  test('[BN4] finds what a server lost and what it reported as skipped', async () => {
    const { server, port } = await startWs();
    const fleet = openFleet(port, { kind: 'websocket', path: '/' }, 1);
    await fleet.connect();
    const [client] = server.clients;
    const messages = [tick(0, 1), tick(0, 3), { ...tick(0, 6), skipped: 2 }, tick(0, 7)];
    for (const message of messages) client?.send(JSON.stringify(message));
    await waitFor('all ticks', () => fleet.counters.ticks === 4);
    expect(fleet.check.faults).toEqual({ ...noFaults(), gaps: 1, declaredSkips: 2 });
  });

  test('[BN4] reads in the Centrifuge protocol what was reported as skipped, and what a reply brings back', async () => {
    const { server, port } = await startWs();
    const said: string[] = [];
    const pub = (seq: number, more = {}) => ({ data: tick(0, seq), offset: seq, ...more });
    server.on('connection', (socket: WebSocket) =>
      socket.on('message', (data) => {
        said.push(data.toString());
        if (said.length % 2 === 1) socket.send('{"id":1,"connect":{}}');
      }),
    );
    const name = channelNameOf(0);
    const greeting = { kind: 'centrifuge', path: '/connection/websocket', channels: [name], recovers: true } as const;
    const fleet = openFleet(port, greeting, 1);
    await fleet.connect();
    const send = (message: unknown): void => {
      for (const client of server.clients) client.send(JSON.stringify(message));
    };
    send({ push: { channel: name, pub: pub(1) } });
    send({ push: { channel: name, pub: pub(5, { tags: { skipped: '3' } }) } });
    await waitFor('two ticks', () => fleet.counters.ticks === 2);
    expect(fleet.check.faults).toEqual({ ...noFaults(), declaredSkips: 3 });

    fleet.leave(0);
    await waitFor('the end', () => server.clients.size === 0);
    fleet.comeBack(0);
    await waitFor('the subscription', () => said.length === 4);
    expect(JSON.parse(said[3] ?? '')).toMatchObject({
      subscribe: { channel: name, recover: true, epoch: 'b', offset: 5 },
    });
    expect(fleet.served([8])).toBe(0);
    // In a reply the channel may be known by the subscription alone.
    const publications = [6, 7, 8].map((seq) => ({ data: tickMessage(0, seq, 'b', now()), offset: seq }));
    send({ id: 2, subscribe: { recovered: true, publications, epoch: 'b', offset: 8 } });
    await waitFor('what was missed', () => fleet.counters.ticks === 5);
    expect(fleet.served([8])).toBe(1);
    send({ id: 2, subscribe: { recoverable: true, epoch: 'c', offset: 8, was_recovering: true } });
    await waitFor('the word that nothing is recovered', () => fleet.counters.unrecovered === 1);
    expect(fleet.check.faults).toEqual({ ...noFaults(), declaredSkips: 3 });
  });

  test('[BN41] a client that was refused something goes, and the reason is kept', async () => {
    const { server, port } = await startWs();
    server.on('connection', (socket: WebSocket) =>
      socket.once('message', () => socket.send('{"id":1,"connect":{}}\n{"id":2,"error":{"code":100}}')),
    );
    const fleet = openFleet(port, { kind: 'centrifuge', path: '/', channels: ['some'] }, 1);
    await fleet.connect();
    await waitFor('the end', () => fleet.stateOf(0) === 'gone');
    expect(fleet.refusal).toContain('"code":100');
  });

  test('[BN42] a client asks for its own channels, and misses nothing of the others', async () => {
    const { server, port } = await startWs();
    const paths: (string | undefined)[] = [];
    server.on('connection', (_, request) => paths.push(request.url));
    const greetings = ['/a', '/b'].map((path): Greeting => ({ kind: 'websocket', path }));
    const fleet = openFleet(port, greetings[0] as Greeting, 2, { greetings, followed: [[0], [1]] });
    await fleet.connect();
    expect(paths.sort()).toEqual(['/a', '/b']);
    expect(fleet.missing([3, 4])).toBe(7);
  });

  test('[BN43] reports the latency of the first and the last tenth of all clients', async () => {
    const { server, port } = await startWs();
    // The second half of twenty: none of the first two, both of the last.
    const fleet = openFleet(port, { kind: 'websocket', path: '/' }, 10, { place: { first: 10, all: 20 } });
    const first = openFleet(port, { kind: 'websocket', path: '/' }, 10, { place: { first: 0, all: 20 } });
    await Promise.all([fleet.connect(), first.connect()]);
    for (const client of server.clients) client.send(JSON.stringify(tick(0, 1)));
    await waitFor('all ticks', () => fleet.counters.ticks === 10 && first.counters.ticks === 10);
    expect([fleet.firstLatency.count, fleet.lastLatency.count]).toEqual([0, 2]);
    expect([first.firstLatency.count, first.lastLatency.count]).toEqual([2, 0]);
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

  test('[BN24] reports how many could not connect', async () => {
    const http = createServer((_request, response) => response.end('no WebSocket here'));
    http.listen(0, '127.0.0.1');
    await new Promise((resolve) => http.once('listening', resolve));
    closers.push(() => http.close());
    const fleet = openFleet((http.address() as AddressInfo).port, { kind: 'websocket', path: '/' }, 2);
    expect(await fleet.connect()).toMatchObject({ connected: 0, failed: 2 });
  });
});
