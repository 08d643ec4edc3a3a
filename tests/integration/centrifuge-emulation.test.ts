import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMemoryHistory, createMemoryLayer, type GroupLayer, type Message } from '@tickwire/channel-layer';
import { type Gateway, gatewayConfig, startGateway } from '@tickwire/gateway';
import { createLogger } from '@tickwire/runtime';
import { Centrifuge, type Options } from 'centrifuge';
import { Centrifuge as CentrifugeProtobuf } from 'centrifuge/build/protobuf';
import type { Sdk } from '../support/centrifuge-sdk.js';
import { FetchEventSource } from '../support/event-source.js';
import { gatewayVariables } from '../support/memory-gateway.js';
import { makeToken } from '../support/tokens.js';
import { patientMs, waitFor } from '../support/wait-for.js';

const channel = 'trade.sim.BTC-USD';
const epoch = 'e1';
const logger = createLogger('test', 'silent');
const key = 'a secret of more than 32 characters';

const kinds = [
  ['http_stream', 'JSON'],
  ['http_stream', 'Protobuf'],
  ['sse', 'JSON'],
] as const;

describe('the Centrifuge protocol over HTTP, both ways', () => {
  let layer: GroupLayer;
  let history: ReturnType<typeof createMemoryHistory>;
  const gateways: Gateway[] = [];
  const clients: { disconnect(): void }[] = [];
  let lastSeq = 0;

  const start = async (env: Readonly<Record<string, string>> = {}): Promise<string> => {
    const config = gatewayConfig({ ...gatewayVariables, ...env });
    const gateway = await startGateway({ config, logger, layer, history });
    gateways.push(gateway);
    return `http://127.0.0.1:${gateway.port}`;
  };
  const append = (group: string, seq: number, message: Message): Promise<unknown> =>
    history.append([{ group, epoch, firstSeq: seq, messages: [{ ...message, seq, epoch, pts: 1 }] }], 1);
  const publish = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      lastSeq += 1;
      await append(channel, lastSeq, { type: 'price.trade', price: `${lastSeq}.5` });
    }
  };

  beforeEach(async () => {
    layer = createMemoryLayer();
    history = createMemoryHistory({ publish: (group, message) => void layer.groupSend(group, message) });
    lastSeq = 0;
    await append('catalog', 1, { type: 'feed.catalog', symbols: [{ venue: 'sim', symbol: 'BTC-USD' }] });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
    await layer.close();
  });

  /** The official SDK, whose commands go to `commandsAt`. */
  const open = (
    [transport, encoding]: (typeof kinds)[number],
    url: string,
    { commandsAt = url, ...options }: { readonly commandsAt?: string; readonly token?: string } = {},
  ) => {
    const transports = [{ transport, endpoint: `${url}/connection/${transport}` }];
    const all: Partial<Options> = {
      emulationEndpoint: `${commandsAt}/emulation`,
      eventsource: FetchEventSource,
      fetch,
      readableStream: ReadableStream,
      minReconnectDelay: 20,
      maxReconnectDelay: 100,
      ...options,
    };
    // The Protobuf build is the same class with another codec.
    const client: Sdk =
      encoding === 'JSON'
        ? new Centrifuge(transports, all)
        : (new CentrifugeProtobuf(transports, all) as unknown as Sdk);
    clients.push(client);
    return client;
  };
  const follow = (client: ReturnType<typeof open>) => {
    const subscription = client.newSubscription(channel);
    const offsets: number[] = [];
    subscription.on('publication', ({ offset }) => offsets.push(Number(offset)));
    subscription.subscribe();
    client.connect();
    return { subscription, offsets };
  };

  it.each(kinds)(
    '[CF70] the SDK over %s, %s: subscribes, gets every publication, asks for history',
    async (...kind) => {
      const client = open(kind, await start());
      await publish(3);
      const { subscription, offsets } = follow(client);
      await subscription.ready(patientMs(5_000));
      await publish(20);
      await waitFor('20 publications', () => offsets.length === 20);
      expect(offsets).toEqual(Array.from({ length: 20 }, (_, index) => index + 4));
      const { publications } = await subscription.history({ limit: 2 });
      expect(publications.map(({ offset }) => Number(offset))).toEqual([1, 2]);
      expect(await subscription.presenceStats()).toMatchObject({ numClients: 1 });
      subscription.unsubscribe();
      await waitFor('nobody to follow', async () => (await client.presenceStats(channel)).numClients === 0);
    },
  );

  it.each(kinds)('[CF71] over %s, %s: commands may come to another gateway', async (...kind) => {
    const [url, commandsAt] = [await start(), await start()];
    const { subscription, offsets } = follow(open(kind, url, { commandsAt }));
    await subscription.ready(patientMs(5_000));
    await publish(5);
    await waitFor('5 publications', () => offsets.length === 5);
  });

  it.each(kinds)('[CF72] over %s, %s: it comes back and recovers everything', async (...kind) => {
    const [url, other] = [await start(), await start()];
    const client = open(kind, url);
    const { subscription, offsets } = follow(client);
    await subscription.ready(patientMs(5_000));
    await publish(5);
    await waitFor('5 publications', () => offsets.length === 5);
    const codes: number[] = [];
    client.on('connecting', ({ code }) => codes.push(code));
    // As behind one address: from now on it leads to the other gateway.
    const transports = Reflect.get(client, '_transports') as { endpoint: string }[];
    for (const transport of transports) transport.endpoint = transport.endpoint.replace(url, other);
    Object.assign(Reflect.get(client, '_config') as object, { emulationEndpoint: `${other}/emulation` });
    const closing = gateways.shift()?.close();
    await publish(5);
    await closing;
    await publish(5);
    await waitFor('15 publications', () => offsets.length >= 15);
    expect(offsets).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
    expect(codes).toEqual([3001]);
  });

  it('[CF73] pings have to be answered, through /emulation', async () => {
    const url = await start({ PING_MS: '300' });
    const client = open(['http_stream', 'JSON'], url);
    const { subscription, offsets } = follow(client);
    await subscription.ready(patientMs(5_000));
    const silent = await fetch(`${url}/connection/http_stream`, { method: 'POST', body: '{"id":1,"connect":{}}' });
    expect(await silent.text()).toContain('{"push":{"disconnect":{"code":3012,"reason":"no pong"}}}');
    await publish(1);
    await waitFor('a publication', () => offsets.length === 1);
    expect(client.state).toBe('connected');
  });

  it('[CF74] what is wrong is answered, and ends at most its own stream', async () => {
    const url = await start();
    const post = async (path: string, body: string, type = 'application/json'): Promise<[number, string]> => {
      const response = await fetch(url + path, { method: 'POST', body, headers: { 'Content-Type': type } });
      return [response.status, await response.text()];
    };
    expect((await post('/connection/http_stream', ''))[0]).toBe(400);
    expect((await fetch(`${url}/connection/sse`)).status).toBe(400);
    for (const body of ['', 'x', '{}', '{"session":"","data":"x"}', '{"session":"a","data":5}', '[]', 'null']) {
      expect([body, (await post('/emulation', body))[0]]).toEqual([body, 400]);
    }
    expect((await post('/emulation', 'x'.repeat(5), 'application/octet-stream'))[0]).toBe(400);
    expect((await post('/emulation', '{"session":"none/x","data":"{}"}'))[0]).toBe(404);
    expect((await post('/emulation', 'x'.repeat(70_000)))[0]).toBe(413);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const [reason, count] of [
      ['bad-request', 10],
      ['unknown-session', 1],
      ['payload', 1],
    ]) {
      expect(metrics).toContain(`tickwire_refusals_total{reason="${reason}"} ${count}`);
    }
    const disconnect = (code: number) => expect.stringContaining(`{"push":{"disconnect":{"code":${code},`);
    expect(await post('/connection/http_stream', 'no JSON')).toEqual([200, disconnect(3501)]);
    expect(await post('/connection/http_stream', '{"id":1,"subscribe":{}}')).toEqual([200, disconnect(3501)]);
    expect(await post('/connection/sse', 'no JSON')).toEqual([200, expect.stringMatching(/^data: .*3501.*\n\n$/)]);
  });

  it('[CF74] a session whose stream ended is delivered to nobody', async () => {
    const url = await start({ COMMANDS_PER_SECOND: '1', MAX_CHANNELS: '5' });
    const abort = new AbortController();
    const body = '{"id":1,"connect":{}}';
    const stream = await fetch(`${url}/connection/http_stream`, { method: 'POST', body, signal: abort.signal });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    const { session } = JSON.parse(String((await reader?.read())?.value)).connect as { session: string };
    const send = async (data: string): Promise<number> =>
      (await fetch(`${url}/emulation`, { method: 'POST', body: JSON.stringify({ session, data }) })).status;
    expect(await send('{"id":2,"ping":{}}')).toBe(204);
    expect(String((await reader?.read())?.value)).toBe('{"id":2,"ping":{}}\n');
    for (let id = 3; id < 20; id += 1) expect(await send(`{"id":${id},"ping":{}}`)).toBe(204);
    const ends = await waitFor('the end', async () => {
      const read = await reader?.read();
      return read?.value?.includes('3013') === true || read?.done === true;
    });
    expect(ends).toBe(true);
    abort.abort();
    expect(await send('{"id":30,"ping":{}}')).toBe(204);
  });

  it('[CF75] a token is checked as over a WebSocket', async () => {
    const url = await start({ AUTH: 'jwt', AUTH_JWT_SECRET: key });
    const client = open(['sse', 'JSON'], url, { token: makeToken({ alg: 'HS256', key }) });
    await follow(client).subscription.ready(patientMs(5_000));
    const denied = open(['http_stream', 'JSON'], url, { token: makeToken({ alg: 'HS256', key: `${key}!` }) });
    const code = new Promise((resolve) => denied.on('disconnected', (context) => resolve(context.code)));
    denied.connect();
    expect(await code).toBe(3500);
  });
});
