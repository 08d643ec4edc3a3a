import { once } from 'node:events';
import { copyFile, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSdk, type Sdk } from '../support/centrifuge-sdk.js';
import { makeCertificate, shownBy } from '../support/certificate.js';
import { childrenOf, type GatewayWorkers, isRunning, startGatewayWorkers } from '../support/gateway-workers.js';
import { connectPlain, type PlainClient } from '../support/plain-client.js';
import { openPublished, type Published } from '../support/published.js';
import { handshake, openRaw, type RawConnection } from '../support/raw-request.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { runTickwire, startTickwire, type TickwireProcess } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

const channel = 'trade.sim.BTC-USD';
const plainPath = `/ws/prediction/?channels=${channel}`;
const bothServe = '{"serving":2,"wanted":2}';
const token = 'a token for operators';

/** Clients that reconnect by themselves, and the positions each was given, in order. */
interface Followers extends Disposable {
  readonly offsets: readonly (readonly number[])[];
  /** Resolves when all have everything up to what is published now, and ten more. */
  caughtUp(published: Published): Promise<void>;
}

const follow = async (url: string, count: number): Promise<Followers> => {
  const clients: Sdk[] = [];
  const offsets: number[][] = [];
  for (let index = 0; index < count; index += 1) {
    const client = openSdk('JSON', url);
    const subscription = client.newSubscription(channel);
    const own: number[] = [];
    subscription.on('publication', ({ offset }) => own.push(Number(offset)));
    subscription.subscribe();
    client.connect();
    clients.push(client);
    offsets.push(own);
  }
  await waitFor('publications for all', () => offsets.every((own) => own.length > 5), 30_000);
  return {
    offsets,
    async caughtUp(published) {
      const top = (await published.top(channel)) + 10;
      await waitFor('all to have caught up', () => offsets.every((own) => (own.at(-1) ?? 0) >= top), 30_000);
    },
    [Symbol.dispose]() {
      for (const client of clients) client.disconnect();
    },
  };
};

const expectGapless = ({ offsets }: Followers): void => {
  for (const own of offsets) expect(own).toEqual(own.map((_, index) => (own[0] ?? 0) + index));
};

describe('a gateway with two workers', () => {
  let redis: RedisServer;
  let producer: TickwireProcess;
  let published: Published;
  /** For tests that leave it serving with two workers, and all clients gone. The last test stops it. */
  let shared: GatewayWorkers;

  /** The shared one, once it has no client and each worker serves. */
  const atRest = async (): Promise<GatewayWorkers> => {
    await waitFor('the shared gateway to be at rest', async () => {
      const { status, body } = await shared.readyz();
      return status === 200 && body['connections'] === 0 && JSON.stringify(body['workers']) === bothServe;
    });
    return shared;
  };

  const start = (variables: Readonly<Record<string, string>> = {}): Promise<GatewayWorkers> =>
    startGatewayWorkers({ REDIS_URL: redis.url, GATEWAY_NAME: 'east', ...variables });

  beforeAll(async () => {
    redis = await startRedisServer();
    producer = await startTickwire('producer', { REDIS_URL: redis.url, SYMBOLS: 'BTC-USD', SIM_RATE: '40' });
    published = await openPublished(redis.port);
    shared = await start({ ADMIN_TOKEN: token, DRAIN_MS: '500' });
  });
  afterAll(async () => {
    for (const each of [shared, published, producer, redis]) await each?.[Symbol.asyncDispose]();
  });

  it('[GW1] [GW2] [GW5] [GW13] serves on one port, has one /metrics, is ready as a whole, and says in each line whose it is', async () => {
    const gateway = await atRest();
    expect(childrenOf(gateway.primary.pid)).toHaveLength(2);
    const clients: PlainClient[] = [];
    for (let count = 0; count < 6; count += 1) clients.push(await connectPlain(gateway.url + plainPath));
    await waitFor('ticks at all', () => clients.every(({ messages }) => messages.length > 0));
    for (const _ of [1, 2, 3, 4]) expect(await gateway.metric('tickwire_connections')).toBe(6);
    expect(await gateway.metric('tickwire_subscriptions')).toBe(6);
    expect(await gateway.metric('tickwire_workers')).toBe(2);
    expect(await gateway.metric('tickwire_ready')).toBe(1);
    await waitFor('each to know of the other', async () => {
      const { status, body } = await gateway.readyz();
      return status === 200 && body['connections'] === 6;
    });
    expect((await gateway.readyz()).body['workers']).toEqual({ serving: 2, wanted: 2 });
    for (const line of gateway.lines()) expect(line).toMatchObject({ gateway: 'east', version: expect.any(String) });
    expect(new Set(gateway.lines().map(({ worker }) => worker))).toEqual(new Set([undefined, 1, 2]));
    for (const client of clients) client[Symbol.dispose]();
  });

  it('[GW3] [GW15] counts its limits for all workers, and a worker that is killed makes room; without the primary all end', async () => {
    await using gateway = await start({ MAX_CONNECTIONS: '5', MAX_CONNECTIONS_PER_IP: '3', TRUST_PROXY: '1' });
    const opened: RawConnection[] = [];
    const connect = async (address: string): Promise<number> => {
      const raw = await openRaw(gateway.port);
      opened.push(raw);
      raw.send(handshake(plainPath, [`X-Forwarded-For: ${address}`]));
      return raw.status();
    };
    const several = async (count: number, address: string): Promise<readonly number[]> => {
      const statuses: number[] = [];
      for (let each = 0; each < count; each += 1) statuses.push(await connect(address));
      return statuses;
    };
    expect(await several(5, '1.1.1.1')).toEqual([101, 101, 101, 503, 503]);
    expect(await several(4, '2.2.2.2')).toEqual([101, 101, 503, 503]);
    expect(await gateway.metric('tickwire_connections')).toBe(5);
    expect(await gateway.metric('tickwire_refusals_total{reason="connections"}')).toBe(2);
    expect(await gateway.metric('tickwire_refusals_total{reason="connections-per-ip"}')).toBe(2);
    const killed = gateway.pidOf(2);
    process.kill(killed, 'SIGKILL');
    await waitFor('room', async () => (await connect('3.3.3.3')) === 101);
    const left = opened.filter(({ isClosed, received }) => !isClosed() && received().includes(' 101 '));
    // The other worker kept its clients, of which there were two or three.
    expect(left.length).toBeGreaterThan(2);
    for (const each of opened) each[Symbol.dispose]();
    await waitFor('nobody', async () => (await gateway.readyz()).body['connections'] === 0);
    expect(await several(4, '1.1.1.1')).toEqual([101, 101, 101, 503]);
    for (const each of opened) each[Symbol.dispose]();

    await waitFor('another in its place', () => gateway.pidOf(2) !== killed);
    const pids = childrenOf(gateway.primary.pid);
    expect(pids).toHaveLength(2);
    await gateway.primary.stop('SIGKILL');
    await waitFor('the end of the workers', () => !pids.some(isRunning));
  });

  it('[GW6] [GW2] replaces a worker that is killed; its clients reconnect with nothing missing, and no counter goes back', async () => {
    const gateway = await atRest();
    using followers = await follow(gateway.url, 6);
    const before = await gateway.metric('tickwire_deliveries_total');
    const killed = gateway.pidOf(1);
    process.kill(killed, 'SIGKILL');
    await waitFor('another in its place', () => gateway.pidOf(1) !== killed);
    await followers.caughtUp(published);
    expectGapless(followers);
    expect(await gateway.metric('tickwire_deliveries_total')).toBeGreaterThan(before);
    expect(await gateway.metric('tickwire_worker_exits_total{kind="signal"}')).toBe(1);
    expect(await gateway.metric('tickwire_connections')).toBe(6);
    expect(gateway.lines()).toContainEqual(
      expect.objectContaining({ level: 'error', worker: 1, workerPid: killed, signal: 'SIGKILL' }),
    );
  });

  it('[GW12] a worker that hangs makes the gateway unready until it is back; others serve meanwhile', async () => {
    const gateway = await atRest();
    const hung = gateway.pidOf(2);
    process.kill(hung, 'SIGSTOP');
    try {
      // One connection comes to it and waits there; it gets no further one.
      using _one = await openRaw(gateway.port);
      using _other = await openRaw(gateway.port);
      const reasons = await waitFor(
        'the gateway to be unready',
        async () => {
          const { status, body } = await gateway.readyz();
          return status === 503 && String(body['reasons']);
        },
        30_000,
      );
      expect(reasons).toMatch(/^worker 2: silent for \d+ s$/);
      expect(await gateway.metric('tickwire_workers_silent')).toBe(1);
      using client = await connectPlain(gateway.url + plainPath);
      await waitFor('ticks', () => client.messages.length > 0);
    } finally {
      process.kill(hung, 'SIGCONT');
    }
    await waitFor('the gateway to be ready', async () => (await gateway.readyz()).status === 200);
    expect(await gateway.metric('tickwire_workers_silent')).toBe(0);
  });

  it('[GW6] closes a connection that was on its way to a worker that is killed: its client does not wait for ever', async () => {
    const gateway = await atRest();
    const stopped = gateway.pidOf(2);
    process.kill(stopped, 'SIGSTOP');
    using one = await openRaw(gateway.port);
    using other = await openRaw(gateway.port);
    for (const raw of [one, other]) raw.send('GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n');
    const answered = (raw: RawConnection): boolean => raw.received().includes(' 200 ');
    await waitFor('the answer of the first', () => answered(one) || answered(other));
    const waiting = answered(one) ? other : one;
    process.kill(stopped, 'SIGKILL');
    await waitFor('the end of the one that waits', waiting.isClosed);
    expect(waiting.received()).toBe('');
    await waitFor('another in its place', () => gateway.pidOf(2) !== stopped);
  });

  it('[GW14] presence counts the clients of all workers', async () => {
    using _followers = await follow(shared.url, 5);
    const client = openSdk('JSON', shared.url);
    client.connect();
    await client.ready();
    await waitFor('all five', async () => (await client.presenceStats(channel)).numClients === 5);
    client.disconnect();
  });

  it('[GW10] [GW4] [GW8] a renewed certificate is shown by all workers; sockets beyond a bound of its own are closed by a worker, not handed round; a signal that all processes get, as of a terminal or of systemd, ends them in good order', async () => {
    await using first = await makeCertificate();
    await using second = await makeCertificate();
    const tls = { TLS_CERT_FILE: first.certificateFile, TLS_KEY_FILE: first.keyFile };
    await using gateway = await start({ ...tls, METRICS_PORT: '0', HANDSHAKE_MS: '60000' });
    const shownByAll = async (): Promise<ReadonlySet<string>> => {
      const shown = new Set<string>();
      for (let count = 0; count < 6; count += 1) shown.add(await shownBy(gateway.port));
      return shown;
    };
    const before = await shownByAll();
    expect(before.size).toBe(1);
    await copyFile(second.keyFile, first.keyFile);
    await copyFile(second.certificateFile, first.certificateFile);
    await waitFor('the new one from all', async () => {
      const shown = await shownByAll();
      return shown.size === 1 && [...shown].every((each) => !before.has(each));
    });

    const port = Number(gateway.lines().find(({ metricsPort }) => metricsPort !== undefined)?.['metricsPort']);
    const idle: RawConnection[] = [];
    for (let count = 0; count < 40; count += 1) idle.push(await openRaw(port));
    // Each has room for 16, however they were dealt out.
    await waitFor('those beyond to be closed', () => idle.filter(({ isClosed }) => isClosed()).length >= 40 - 32);
    for (const each of idle) each[Symbol.dispose]();
    const text = await waitFor('room', () =>
      fetch(`http://127.0.0.1:${port}/metrics`, { headers: { Connection: 'close' } }).then(
        (answer) => answer.text(),
        () => false as const,
      ),
    );
    expect(text).toMatch(/^tickwire_workers 2$/m);

    const trusted = await readFile(second.certificateFile);
    using client = await connectPlain(`https://127.0.0.1:${gateway.port}${plainPath}`, [], trusted);
    for (const pid of childrenOf(gateway.primary.pid)) process.kill(pid, 'SIGTERM');
    expect(await gateway.primary.stop()).toBe(0);
    expect((await client.closed).code).toBe(3001);
  });

  it('[GW7] [E5] what keeps it from starting is said once, with the exit code of one process', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const env = { REDIS_URL: redis.url, GATEWAY_WORKERS: '3' };
    const inUse = await runTickwire('gateway', { ...env, PORT: String(port) });
    const badFile = await runTickwire('gateway', { ...env, TLS_CERT_FILE: '/nowhere', TLS_KEY_FILE: '/nowhere' });
    taken.close();
    expect(inUse).toMatchObject({
      exitCode: 1,
      stderr: `PORT ${port} on 127.0.0.1 is already in use: stop the program that uses it or set PORT to another\n`,
    });
    expect(badFile).toMatchObject({
      exitCode: 2,
      stderr: 'TLS_CERT_FILE is "/nowhere", but that file cannot be read: ENOENT\n',
    });
  });

  it('[GW11] operators see each worker, and an order reaches one: others take its clients in', async () => {
    const gateway = await atRest();
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', Connection: 'close' };
    const view = async () => {
      const answer = await fetch(`${gateway.url}/admin/api/status`, { headers });
      const { gateways } = (await answer.json()) as { readonly gateways: readonly Row[] };
      return [...gateways].sort((a, b) => a.worker - b.worker);
    };
    interface Row {
      readonly id: string;
      readonly name: string;
      readonly worker: number;
      readonly connections: number;
      readonly reasons: readonly string[];
    }
    using followers = await follow(gateway.url, 8);
    const rows = await waitFor('both', async () => {
      const seen = await view();
      return seen.length === 2 && seen;
    });
    expect(rows.map(({ name, worker }) => [name, worker])).toEqual([
      ['east', 1],
      ['east', 2],
    ]);
    expect(rows.map(({ connections }) => connections).reduce((sum, each) => sum + each)).toBe(8);
    const body = JSON.stringify({ gateway: rows[1]?.id, act: 'drain' });
    expect((await fetch(`${gateway.url}/admin/api/command`, { method: 'POST', headers, body })).status).toBe(202);
    await waitFor('all at the first', async () => (await view())[0]?.connections === 8);
    expect((await view())[1]).toMatchObject({ connections: 0, reasons: ['draining'] });
    await followers.caughtUp(published);
    expectGapless(followers);
    await waitFor('readiness without it', async () => {
      const { status, body: report } = await gateway.readyz();
      return status === 200 && JSON.stringify(report['workers']) === '{"serving":1,"wanted":2}';
    });
    for (let count = 0; count < 4; count += 1) {
      using client = await connectPlain(gateway.url + plainPath);
      expect(client.socket.readyState).toBe(client.socket.OPEN);
    }
  });

  it('[GW9] SIGUSR2 replaces all workers: nothing is missing, and nobody who comes meanwhile is turned away', async () => {
    // One that was drained before is replaced as any other.
    const gateway = shared;
    const errors = () => gateway.lines().filter(({ level }) => level === 'error');
    const orderly = () => gateway.metric('tickwire_worker_exits_total{kind="orderly"}');
    const [errorsBefore, exitsBefore] = [errors(), await orderly()];
    using followers = await follow(gateway.url, 6);
    const before = new Set(gateway.pids().values());
    let isOver = false;
    let came = 0;
    const coming = (async () => {
      while (!isOver) {
        using client = await connectPlain(gateway.url + plainPath);
        expect(client.socket.readyState).toBe(client.socket.OPEN);
        // The next one comes when it has a new trade, or was sent on by a worker that leaves.
        await Promise.race([client.until('a new trade', () => client.messages.length > 1), client.closed]);
        came += 1;
      }
    })();
    gateway.primary.kill('SIGUSR2');
    await waitFor(
      'the end of the restart',
      () => gateway.lines().some(({ msg }) => msg === 'all workers were replaced'),
      30_000,
    );
    isOver = true;
    await coming;
    expect(came).toBeGreaterThan(0);
    await followers.caughtUp(published);
    expectGapless(followers);
    expect([...gateway.pids().values()].filter((pid) => before.has(pid))).toEqual([]);
    expect([...before].filter(isRunning)).toEqual([]);
    expect(childrenOf(gateway.primary.pid)).toHaveLength(2);
    expect(errors()).toEqual(errorsBefore);
    expect(await orderly()).toBe(exitsBefore + 2);
  });

  it('[GW8] [R80] SIGTERM sends all clients elsewhere and ends all workers, with exit code 0, and is in the log once', async () => {
    const gateway = await atRest();
    const errors = () => gateway.lines().filter(({ level }) => level === 'error');
    const errorsBefore = errors();
    const clients: PlainClient[] = [];
    for (let count = 0; count < 6; count += 1) clients.push(await connectPlain(gateway.url + plainPath));
    const pids = childrenOf(gateway.primary.pid);
    const stopping = () => gateway.lines().filter(({ msg }) => msg === 'stopping');
    expect(stopping()).toEqual([]);
    expect(await gateway.primary.stop()).toBe(0);
    const codes = await Promise.all(clients.map(({ closed }) => closed));
    expect(codes.map(({ code }) => code)).toEqual([3001, 3001, 3001, 3001, 3001, 3001]);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(errors()).toEqual(errorsBefore);
    expect(stopping()).toHaveLength(1);
  });
});
