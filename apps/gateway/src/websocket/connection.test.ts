import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { expect, test } from '@jest/globals';
import { createRig, lineFormat, ownLine, turns } from '@tickwire/hub/testing';
import { closeCodes } from '@tickwire/protocol';
import { WebSocketServer } from 'ws';
import { probeOf, WebSocketConnection } from './connection.js';

/** The request that opens a WebSocket. */
const upgrade = {
  method: 'GET',
  url: '/',
  headers: { upgrade: 'websocket', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' },
} as unknown as IncomingMessage;

test('[G114] the ping that measures a line costs no write of its own', async () => {
  const writes: Buffer[] = [];
  const socket = new Duplex({
    read() {},
    // As of a TCP socket: what was corked is written in one system call.
    writev(chunks, done) {
      writes.push(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)));
      done();
    },
  });
  const rig = createRig();
  const server = new WebSocketServer({ noServer: true });
  server.handleUpgrade(upgrade, socket, Buffer.alloc(0), (ws) => {
    const limits = { maxChannels: 1, commandsPerSecond: 1 };
    const host = { hub: rig.hub, now: () => 0, onTooManyCommands: () => {}, limits };
    const grant = { user: '', channels: [], maySubscribe: () => true };
    const { session } = new WebSocketConnection({ host, ws, socket, grant, closeCodes, format: lineFormat });
    session.send(ownLine('x'.repeat(2_000)));
  });
  await turns();
  socket.destroy();
  await rig.close();

  const [, frames = Buffer.alloc(0), ...others] = writes;
  expect(others).toEqual([]);
  const [own, ping] = [frames.subarray(0, -8), frames.subarray(-8)];
  expect(own.equals(ownLine('x'.repeat(2_000)))).toBe(true);
  expect([ping[0], probeOf(ping.subarray(2))]).toEqual([0x89, 1]);
});
