import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { lineFormat } from '@tickwire/hub/testing';
import { closeCodes } from '@tickwire/protocol';
import { createUpgradeHandler } from './upgrade.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const openHandler = () =>
  createUpgradeHandler({
    onOther: () => {},
    routes: [{ path: '/ws', consumer: { name: 'test', closeCodes, format: () => lineFormat, create: () => consumer } }],
    gate: { accept: () => {} },
    readiness: { isDraining: false },
    door: { connections: 0, enter: () => () => {}, checkHost: () => undefined },
    metrics: { refused: () => {} },
    access: undefined,
    cookie: undefined,
    failures: { failed: () => {} },
  });
const consumer = { connect: () => {}, receive: () => {}, disconnect: () => {} };

describe('the upgrade of a request', () => {
  it('[GL19] keeps nothing of the request for as long as the client stays', async () => {
    const handle = openHandler();
    const sockets: Socket[] = [];
    const requests: WeakRef<IncomingMessage>[] = [];
    // More than one turn takes, so that some wait.
    const ask = (): void => {
      const socket = new Socket();
      const request = new IncomingMessage(new Socket());
      request.url = '/ws';
      request.headers.upgrade = 'websocket';
      sockets.push(socket);
      requests.push(new WeakRef(request));
      handle(request, socket, Buffer.alloc(0));
    };
    for (let count = 0; count < 20; count += 1) ask();
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(requests.filter((request) => request.deref() !== undefined)).toHaveLength(0);
    expect(sockets.every((socket) => socket.listenerCount('error') === 1)).toBe(true);
    for (const socket of sockets) socket.destroy();
  });
});
