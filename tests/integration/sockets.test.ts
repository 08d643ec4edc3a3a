import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { type MemoryGateway, refusals, startMemoryGateway } from '../support/memory-gateway.js';
import { closedAfterEach } from '../support/opened.js';
import { connectPlain } from '../support/plain-client.js';
import { handshake, openRaw } from '../support/raw-request.js';
import { clientFrame } from '../support/raw-websocket.js';
import { waitFor } from '../support/wait-for.js';

const btc = 'trade.sim.BTC-USD';

describe('sockets', () => {
  const use = closedAfterEach();
  const start = async (env: Readonly<Record<string, string>> = {}): Promise<MemoryGateway> =>
    use(await startMemoryGateway({ env }));
  /** A socket from an address of this machine that asks for something and reads nothing. */
  const unread = async (port: number, localAddress: string, request: string): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    use({ [Symbol.dispose]: () => socket.destroy() });
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.pause();
    socket.write(request);
    return socket;
  };
  /** Long enough to fill what the kernel keeps for a client that does not read. */
  const longMessage = { text: 'x'.repeat(50_000) };

  it('[GL60] a client that answers only the newest ping gets everything, and nothing late', async () => {
    const { url, publish } = await start({ MAX_STALE_MS: '2000', PING_MS: '100' });
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/prediction/?channels=${btc}&last=0`, {
      autoPong: false,
    });
    use({ [Symbol.dispose]: () => socket.terminate() });
    const seen: { seq: number; skipped?: number }[] = [];
    const isProbe = (payload: Buffer): boolean => payload.length === 6 && payload.readUInt16BE(0) === 0x7457;
    socket.on('message', (data) => seen.push(JSON.parse(data.toString())));
    // As if each probe but the first were still unanswered when the next ping comes.
    let probes = 0;
    socket.on('ping', (payload) => {
      if (isProbe(payload)) probes += 1;
      if (!isProbe(payload) || probes === 1) socket.pong(payload);
    });
    await once(socket, 'open');
    for (let sent = 0; sent < 100; sent += 1) {
      await publish(btc, { text: 'x'.repeat(1_000) });
      await waitFor(`publication ${sent + 1}`, () => seen.length > sent);
    }
    expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(seen.filter(({ skipped }) => skipped !== undefined)).toEqual([]);
    expect(probes).toBeGreaterThan(1);
  });

  it('[GL180] a client that answers no ping is ended, and counted as such', async () => {
    const { url } = await start({ PING_MS: '200' });
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/prediction/?channels=${btc}`, { autoPong: false });
    use({ [Symbol.dispose]: () => socket.terminate() });
    await once(socket, 'close');
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('tickwire_closes_total{reason="noPong"} 1');
  });

  it('[GL23] idle ones are kept for 75 s, on every port, and closed when the gateway leaves', async () => {
    const { gateway, url } = await start({ METRICS_PORT: '0', ADMIN_PORT: '0', ADMIN_TOKEN: 'of the operators' });
    for (const port of [gateway.port, gateway.metricsPort, gateway.adminPort]) {
      const raw = use(await openRaw(port));
      raw.send('GET /metrics HTTP/1.1\r\nHost: gateway\r\n\r\n');
      await raw.status();
      expect(raw.received().toLowerCase()).toContain('keep-alive: timeout=75\r\n');
    }
    const idle = use(await openRaw(gateway.port));
    idle.send('GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n');
    await idle.status();
    expect(url).toContain(String(gateway.port));
    const closing = gateway.close();
    await waitFor('the idle connection to be closed', idle.isClosed);
    await closing;
  });

  it('[GL24] MAX_CONNECTIONS_PER_IP holds for sockets that only ask, or say nothing; others get in', async () => {
    const { gateway, url } = await start({ MAX_CONNECTIONS_PER_IP: '5' });
    const request = 'GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n';
    const sockets = await Promise.all(
      Array.from({ length: 100 }, (_, index) => unread(gateway.port, '127.0.0.5', index % 2 === 0 ? request : '')),
    );
    for (const socket of sockets) socket.resume();
    await waitFor('those beyond 69 to be closed', () => sockets.filter(({ closed }) => closed).length === 31);
    expect(await refusals(url, 'sockets-per-ip')).toBe(31);
    const other = new WebSocket(`${url.replace('http', 'ws')}/ws/prediction/`, { localAddress: '127.0.0.9' });
    await once(other, 'open');
    other.terminate();
  });

  it('[GL24] sockets of a proxy are not counted as those of one client', async () => {
    const { gateway } = await start({ MAX_CONNECTIONS_PER_IP: '1', TRUST_PROXY: '1' });
    const sockets = await Promise.all(Array.from({ length: 100 }, () => openRaw(gateway.port)));
    for (const socket of sockets) use(socket).send('GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n');
    expect(new Set(await Promise.all(sockets.map((socket) => socket.status())))).toEqual(new Set([200]));
  });

  it('[GL25] who reads no byte of an answer is cut off, and who reads slowly is not', async () => {
    const { gateway, url, publish } = await start({ SLOW_DEADLINE_MS: '1000' });
    for (let count = 0; count < 100; count += 1) await publish(btc, longMessage);
    const request = `GET /api/history?channel=${btc} HTTP/1.1\r\nHost: gateway\r\n\r\n`;
    const socket = await unread(gateway.port, '127.0.0.1', request.repeat(8));
    await waitFor('the end of it', async () => (await refusals(url, 'unread')) === 1);
    socket.resume();
    await waitFor('the socket to be closed', () => socket.closed);
    expect((await fetch(`${url}/api/history?channel=${btc}`)).status).toBe(200);
  });

  it('[GL51] answers that are not read count for their address, until they are taken or the client is cut off', async () => {
    const { gateway, url, publish } = await start();
    for (let count = 0; count < 100; count += 1) await publish(btc, longMessage);
    const path = `/api/history?channel=${btc}`;
    const status = async (localAddress: string): Promise<number> => {
      const socket = await unread(gateway.port, localAddress, `GET ${path} HTTP/1.1\r\nHost: g\r\n\r\n`);
      socket.resume();
      const [first] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      return Number(first.toString('latin1', 9, 12));
    };
    // More than the kernel keeps for a client, and as many as one address may have.
    const ask = (): Promise<Socket> => unread(gateway.port, '127.0.0.5', `GET ${path} HTTP/1.1\r\nHost: g\r\n\r\n`);
    const deaf = await Promise.all(Array.from({ length: 64 }, ask));
    await waitFor('the others to be rejected', async () => (await status('127.0.0.5')) === 503);
    expect(await refusals(url, 'reads')).toBeGreaterThan(0);
    expect(await status('127.0.0.9')).toBe(200);
    for (const socket of deaf) socket.destroy();
    await waitFor('room', async () => (await status('127.0.0.5')) === 200);
  });

  it('[GL25] an event stream that is not read is cut off, a quiet one is not', async () => {
    const { gateway, url, publish } = await start({ SLOW_DEADLINE_MS: '1000', MAX_OUTBOX_BYTES: '16384' });
    const target = (name: string): string =>
      `GET /connection/uni_http_stream?channel=${name} HTTP/1.1\r\nHost: gateway\r\n\r\n`;
    const quiet = await unread(gateway.port, '127.0.0.1', target('trade.sim.ETH-USD'));
    const socket = await unread(gateway.port, '127.0.0.1', target(btc));
    const connections = async (): Promise<number> =>
      ((await (await fetch(`${url}/readyz`)).json()) as { connections: number }).connections;
    await waitFor('both streams', async () => (await connections()) === 2);
    await waitFor(
      'one to be cut off',
      async () => {
        await publish(btc, longMessage);
        return (await connections()) === 1;
      },
      30_000,
    );
    socket.resume();
    await waitFor('the socket to be closed', () => socket.closed);
    quiet.resume();
    expect(quiet.closed).toBe(false);
  });

  it('[GL26] 100 pings in one read get 100 pongs; beyond COMMANDS_PER_SECOND they close with 3013 and are counted', async () => {
    const { gateway, url } = await start({ COMMANDS_PER_SECOND: '50', MAX_CHANNELS: '100' });
    const raw = use(await openRaw(gateway.port));
    raw.send(handshake(`/ws/prediction/?channels=${btc}`));
    await raw.status();
    const pings = (count: number): Buffer =>
      Buffer.concat(Array.from({ length: count }, () => clientFrame({ opcode: 9, payload: 'life' })));
    const pongs = (): number => raw.received().split('\x8a\x04life').length - 1;
    raw.send(pings(100));
    await waitFor('100 pongs', () => pongs() === 100);
    raw.send(pings(200));
    await waitFor('the close', () => raw.received().includes('\x0b\xc5too many requests'));
    expect(await refusals(url, 'commands')).toBe(1);
    expect(pongs()).toBeLessThan(300);
  });

  it('[GL26] who pings and does not read leaves no pongs waiting', async () => {
    const { gateway, url, publish } = await start({ COMMANDS_PER_SECOND: '1000000', SLOW_DEADLINE_MS: '60000' });
    const witness = use(await connectPlain(`${url}/ws/prediction/?channels=${btc}`));
    const socket = await unread(gateway.port, '127.0.0.1', handshake(`/ws/prediction/?channels=${btc}`));
    const flood = Buffer.concat(
      Array.from({ length: 5_000 }, () => clientFrame({ opcode: 9, payload: Buffer.alloc(125) })),
    );
    for (let count = 0; count < 20; count += 1) {
      await new Promise<void>((resolve) => {
        socket.write(flood, () => resolve());
      });
    }
    const seq = await publish(btc, { price: '7' });
    await witness.until('a trade', (message) => message['seq'] === seq);
    expect(witness.socket.readyState).toBe(WebSocket.OPEN);
  });
});
