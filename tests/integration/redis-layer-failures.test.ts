import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createMessageCodec,
  createRedisLayer,
  type LayerEvent,
  LayerRejected,
  LayerUnavailable,
  type Message,
  type RedisLayer,
  type RedisLayerOptions,
} from '@tickwire/channel-layer';
import { type Collector, createCollector, freshName } from '@tickwire/channel-layer/testing';
import { createRandom, freshSeed } from '@tickwire/protocol/testing';
import { freePort } from '../support/free-port.js';
import { startMuteProxy } from '../support/mute-proxy.js';
import { openLayer, openRaw } from '../support/redis-layer.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { getLength, startSilentRedis } from '../support/silent-redis.js';
import { patientMs, waitFor } from '../support/wait-for.js';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const collectEvents = (layer: RedisLayer): Collector<LayerEvent> => {
  const events = createCollector<LayerEvent>();
  layer.onEvent(events.add);
  return events;
};

/** A layer that listens to one group: what it heard, and its events. */
const openListener = async (options: RedisLayerOptions, group = freshName('group')) => {
  const layer = await openLayer(options);
  const events = collectEvents(layer);
  const heard = createCollector<Message>();
  await layer.groupListen(group, heard.add);
  return { layer, events, heard, group, [Symbol.asyncDispose]: () => layer[Symbol.asyncDispose]() };
};

const succeeds = (act: () => Promise<unknown>): Promise<boolean> =>
  act().then(
    () => true,
    () => false,
  );

const isMine = (name: string): boolean => name.startsWith('asgimine.');
const kinds = (events: Collector<LayerEvent>): string[] => events.items.map(({ type }) => type);
const sum = (events: Collector<LayerEvent>, type: 'poison' | 'dropped'): number =>
  events.items.reduce((total, event) => (event.type === type ? total + event.count : total), 0);

describe('poison on a group', () => {
  const poison: readonly (readonly [what: string, payload: Buffer, reason: string])[] = [
    ['the byte c1', Buffer.from('c1', 'hex'), 'unreadable'],
    ['nothing', Buffer.alloc(0), 'unreadable'],
    ['a trailing byte', Buffer.from('81a474797065a17400', 'hex'), 'unreadable'],
    ['a bare string', Buffer.from('a174', 'hex'), 'not-a-map'],
    ['no type', Buffer.from('81a16101', 'hex'), 'no-type'],
    ['a leading underscore', Buffer.from('81a474797065a25f78', 'hex'), 'refused-type'],
  ];

  for (const [what, payload, reason] of poison) {
    test(`[L5] ${what} reaches nobody, is reported once with its count, and harms no reader`, async () => {
      await using raw = await openRaw(server.url);
      await using rig = await openListener({ hosts: [server.url], eventIntervalMs: 60_000 });
      const { layer, events, heard, group } = rig;
      const channel = await layer.newChannel();
      await layer.groupAdd(group, channel);
      for (let n = 0; n < 20; n += 1) await raw.publish(`asgi__group__${group}`, payload);
      await layer.groupSend(group, { type: 'fine' });
      await heard.reached(1);
      expect(heard.items).toEqual([{ type: 'fine' }]);
      expect(await layer.receive(channel)).toEqual({ type: 'fine' });
      expect(events.items).toEqual([{ type: 'poison', address: `asgi__group__${group}`, reason, count: 1 }]);
      await layer.close();
      expect(sum(events, 'poison')).toBe(20);
    });
  }

  test('[L5] poison on a channel wakes no reader', async () => {
    await using raw = await openRaw(server.url);
    await using layer = await openLayer({ hosts: [server.url] });
    const channel = await layer.newChannel();
    const read = layer.receive(channel);
    await raw.publish(channel, Buffer.from('c1', 'hex'));
    await layer.send(channel, { type: 'fine' });
    expect(await read).toEqual({ type: 'fine' });
  });

  test('[L4] [L5] plain text is poison to a layer with keys, and a token to one without', async () => {
    await using plain = await openLayer({ hosts: [server.url] });
    await using keyed = await openLayer({ hosts: [server.url], encryptionKeys: ['key'] });
    const group = freshName('group');
    const [plainEvents, keyedEvents] = [collectEvents(plain), collectEvents(keyed)];
    for (const layer of [plain, keyed]) await layer.groupListen(group, () => {});
    await plain.groupSend(group, { type: 't' });
    await keyed.groupSend(group, { type: 't' });
    await Promise.all([plainEvents.reached(1), keyedEvents.reached(1)]);
    expect([plainEvents.items[0], keyedEvents.items[0]]).toMatchObject([
      { type: 'poison', reason: 'unreadable' },
      { type: 'poison', reason: 'undecryptable' },
    ]);
  });
});

describe('a reader that does not read', () => {
  test('[L8] its mailbox stays bounded, keeps the newest, and every drop is counted', async () => {
    await using rig = await openListener({ hosts: [server.url] });
    const { layer, events, heard, group } = rig;
    const channel = await layer.newChannel();
    await layer.groupAdd(group, channel);
    const sent = 5_000;
    for (let n = 0; n < sent; n += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, index) => layer.groupSend(group, { type: 't', n: n + index })));
    }
    await heard.reached(sent);
    const kept: unknown[] = [];
    for (let n = 0; n < 100; n += 1) kept.push((await layer.receive(channel))['n']);
    expect(kept).toEqual(Array.from({ length: 100 }, (_, index) => sent - 100 + index));
    await layer.close();
    expect(sum(events, 'dropped')).toBe(sent - 100);
  });
});

describe('the acknowledgement of Redis', () => {
  test('[L16] nothing that subscribes resolves before it, however long it takes', async () => {
    await using raw = await openRaw(server.url);
    await using proxy = await startMuteProxy(server.port);
    await using layer = await openLayer({ hosts: [`redis://127.0.0.1:${proxy.port}`] });
    const channel = await layer.newChannel();
    const [listened, joined] = [freshName('group'), freshName('group')];
    proxy.holdReplies();
    const resolved: string[] = [];
    const calls = [
      layer.groupListen(listened, () => {}).then(() => resolved.push('groupListen')),
      layer.groupAdd(joined, channel).then(() => resolved.push('groupAdd')),
      layer.groupAdd(joined, channel).then(() => resolved.push('groupAdd again')),
      layer.newChannel('mine.').then(() => resolved.push('newChannel')),
    ];
    await waitFor('Redis to have subscribed all', async () => {
      const names = await raw.channels();
      return [listened, joined].every((group) => names.includes(`asgi__group__${group}`)) && names.some(isMine);
    });
    expect(resolved).toEqual([]);
    proxy.releaseReplies();
    await Promise.all(calls);
    expect(resolved).toHaveLength(4);
  });

  test('[L17] leaving resolves after it too', async () => {
    await using proxy = await startMuteProxy(server.port);
    await using layer = await openLayer({ hosts: [`redis://127.0.0.1:${proxy.port}`] });
    const leave = await layer.groupListen(freshName('group'), () => {});
    await using raw = await openRaw(server.url);
    proxy.holdReplies();
    let isLeft = false;
    const left = leave().then(() => {
      isLeft = true;
    });
    await waitFor(
      'Redis to have forgotten it',
      async () => !(await raw.channels()).some((name) => name.includes('group')),
    );
    expect(isLeft).toBe(false);
    proxy.releaseReplies();
    await left;
  });
});

describe('a subscriber connection that is lost', () => {
  test('[L18] [L12 #42] CLIENT KILL is lost at once, then restored; members and listeners go on', async () => {
    await using raw = await openRaw(server.url);
    await using rig = await openListener({ hosts: [server.url] });
    const { layer, events, heard, group } = rig;
    const left = freshName('left');
    const [channel, discarded] = [await layer.newChannel(), await layer.newChannel()];
    for (const name of [channel, discarded]) await layer.groupAdd(group, name);
    await layer.groupAdd(left, channel);
    for (let round = 1; round <= 2; round += 1) {
      await raw.killSubscribers();
      await events.reached(round * 2 - 1);
      // While it is lost: the server must not be asked to subscribe these again.
      await layer.groupDiscard(group, discarded);
      await layer.groupDiscard(left, channel);
      await events.reached(round * 2);
    }
    expect(kinds(events)).toEqual(['lost', 'restored', 'lost', 'restored']);
    expect(events.items[0]).toMatchObject({ groups: [group, left], reason: expect.any(String) });
    expect(events.items[1]).toMatchObject({ groups: [group], downMs: expect.any(Number) });
    await layer.groupSend(group, { type: 'after' });
    await heard.reached(1);
    expect(await layer.receive(channel)).toEqual({ type: 'after' });
    await layer.send(discarded, { type: 'direct' });
    expect(await layer.receive(discarded)).toEqual({ type: 'direct' });
    expect(await raw.subscribers(`asgi__group__${left}`)).toBe(0);
  });

  test('[L18] no message is missing without a lost before it, and none comes twice', async () => {
    await using raw = await openRaw(server.url);
    await using layer = await openLayer({ hosts: [server.url] });
    await using sender = await openLayer({ hosts: [server.url] });
    const events = collectEvents(layer);
    const group = freshName('group');
    /** Numbers of messages, and names of events between them. */
    const story: (number | string)[] = [];
    layer.onEvent(({ type }) => story.push(type));
    await layer.groupListen(group, (message) => story.push(Number(message['n'])));
    let n = 0;
    const send = async (): Promise<void> => {
      n += 1;
      await sender.groupSend(group, { type: 't', n });
    };
    for (let round = 1; round <= 5; round += 1) {
      for (let count = 0; count < 20; count += 1) await send();
      await raw.killSubscribers();
      while (kinds(events).filter((type) => type === 'restored').length < round) await send();
    }
    const last = n + 1;
    await send();
    await waitFor('the last message', () => story.includes(last));
    let expected = 1;
    let isGapReported = false;
    for (const reported of story) {
      if (typeof reported === 'string') {
        isGapReported ||= reported === 'lost';
        continue;
      }
      expect(reported).toBeGreaterThanOrEqual(expected);
      if (reported > expected) expect(isGapReported).toBe(true);
      expected = reported + 1;
      isGapReported = false;
    }
  });

  test('[L18] a Redis that is restarted: lost, sends fail at once, restored, sends arrive', async () => {
    await using own = await startRedisServer();
    await using rig = await openListener({ hosts: [own.url] });
    const { layer, events, heard, group } = rig;
    await own.stop('SIGKILL');
    await events.reached(1);
    expect(events.items[0]).toMatchObject({ type: 'lost', groups: [group] });
    await waitFor('the publisher to notice', () =>
      layer.groupSend(group, { type: 't' }).then(
        () => false,
        (error: unknown) => error instanceof LayerUnavailable,
      ),
    );
    await expect(layer.groupListen(freshName('group'), () => {})).rejects.toThrow(LayerUnavailable);
    await expect(layer.groupListen(group, () => {})).rejects.toThrow(LayerUnavailable);
    await expect(layer.newChannel()).rejects.toThrow(LayerUnavailable);
    await own.start();
    await events.reached(2);
    expect(events.items[1]).toMatchObject({ type: 'restored', groups: [group] });
    await waitFor('the publisher to reconnect', () => succeeds(() => layer.groupSend(group, { type: 'back' })));
    await heard.reached(1);
    expect(heard.items[0]).toEqual({ type: 'back' });
  });

  test('[L18] of several hosts only the groups of the one that is away are lost', async () => {
    await using other = await startRedisServer();
    await using layer = await openLayer({ hosts: [server.url, other.url] });
    const events = collectEvents(layer);
    // With two hosts the ring gives `quotes` the first and `BTC-USD` the second.
    for (const group of ['quotes', 'BTC-USD']) await layer.groupListen(group, () => {});
    await other.stop('SIGKILL');
    await events.reached(1);
    expect(events.items).toEqual([{ type: 'lost', groups: ['BTC-USD'], reason: expect.any(String) }]);
    await layer.groupSend('quotes', { type: 't' });
  });

  test('[L18] groups that join between two losses are reported as lost too', async () => {
    await using raw = await openRaw(server.url);
    await using layer = await openLayer({ hosts: [server.url] });
    const lost = new Set<string>();
    const restored = new Set<string>();
    layer.onEvent((event) => {
      if (event.type === 'lost') for (const group of event.groups) lost.add(group);
      if (event.type === 'restored') for (const group of event.groups) restored.add(group);
    });
    const groups: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      await raw.killSubscribers();
      const group = freshName('group');
      await waitFor('a place', () => succeeds(() => layer.groupListen(group, () => {})));
      groups.push(group);
    }
    await raw.killSubscribers();
    await waitFor('all restored', () => groups.every((group) => lost.has(group) && restored.has(group)));
    for (const group of groups) expect(await raw.subscribers(`asgi__group__${group}`)).toBe(1);
  });
});

describe('a Redis that stops answering', () => {
  test('[L21] a subscriber connection that is silently dead is noticed, and what waits fails', async () => {
    await using own = await startRedisServer();
    await using rig = await openListener({ hosts: [own.url], pingMs: 50, connectMs: patientMs(200) });
    const { layer, events, group } = rig;
    process.kill(own.pid, 'SIGSTOP');
    const startedMs = performance.now();
    const sent = expect(layer.groupSend(group, { type: 't' })).rejects.toThrow(LayerUnavailable);
    await events.reached(1);
    expect(events.items[0]).toMatchObject({ type: 'lost', reason: 'no answer to PING within 50 ms' });
    await sent;
    expect(performance.now() - startedMs).toBeLessThan(patientMs(2_000));
    process.kill(own.pid, 'SIGCONT');
    await events.reached(2);
  });

  test('[L19] commands that wait for a silent Redis are bounded', async () => {
    await using own = await startRedisServer();
    await using layer = await openLayer({ hosts: [own.url], pingMs: 200, maxPending: 10 });
    process.kill(own.pid, 'SIGSTOP');
    const sent = await Promise.allSettled(Array.from({ length: 50 }, () => layer.groupSend('group', { type: 't' })));
    const reasons = sent.map((result) => (result.status === 'rejected' ? String(result.reason) : ''));
    expect(reasons.filter((reason) => reason.includes('commands are waiting for Redis'))).toHaveLength(40);
    expect(reasons.every((reason) => reason.startsWith('LayerUnavailable'))).toBe(true);
  });

  test('[L21] a busy process does not take its own delay for a dead server', async () => {
    await using raw = await openRaw(server.url);
    const pingMs = 100;
    await using layer = await openLayer({ hosts: [server.url], pingMs });
    const group = freshName('group');
    const heard = createCollector<Message>();
    await layer.groupListen(group, (message) => {
      heard.add(message);
      const untilMs = performance.now() + 2;
      while (performance.now() < untilMs);
    });
    const connected = async (): Promise<string | undefined> =>
      /total_connections_received:\d+/.exec(await raw.redis.info('stats'))?.[0];
    const before = await connected();
    // Each piece the socket gives keeps the process busy for longer than a heartbeat, and the next one waits already:
    // the reply to a PING of the other connection is read only after the next heartbeat was due.
    const payload = Buffer.from(createMessageCodec().encode({ type: 't', text: 'x'.repeat(1_000) }));
    const count = 500;
    await Promise.all(Array.from({ length: count }, () => raw.publish(`asgi__group__${group}`, payload)));
    await heard.reached(count);
    expect(await connected()).toBe(before);
  });

  test('[L21] while messages come, a late answer is only late; when nothing comes, it is missing', async () => {
    await using silent = await startSilentRedis();
    const pingMs = 50;
    await using rig = await openListener({ hosts: [silent.url], pingMs }, 'group');
    const { events, heard } = rig;
    const startedMs = performance.now();
    await waitFor('many heartbeats with messages', () => {
      silent.publish('asgi__group__group', Buffer.from('81a474797065a174', 'hex'));
      return performance.now() - startedMs > pingMs * 6 && heard.items.length > 10;
    });
    expect(silent.pings).toBeGreaterThan(0);
    expect(kinds(events)).toEqual([]);
    await events.reached(1);
    expect(kinds(events)).toEqual(['lost']);
  });

  test('[L21] a PING that is rejected, as by a server whose disk is full, is an answer', async () => {
    await using full = await startSilentRedis({ rejectsPings: true });
    await using rig = await openListener({ hosts: [full.url], pingMs: 20 });
    await waitFor('many heartbeats', () => full.pings > 12);
    expect(kinds(rig.events)).toEqual([]);
  });

  test('[L65] while an answer comes byte by byte, the connection is alive', async () => {
    await using silent = await startSilentRedis();
    const pingMs = 50;
    await using layer = await openLayer({ hosts: [silent.url], pingMs });
    const answer = layer.read('any', 'GET', ['any']);
    const startedMs = performance.now();
    let sent = 0;
    await waitFor('many heartbeats', () => {
      if (silent.goOn('x')) sent += 1;
      return performance.now() - startedMs > pingMs * 6;
    });
    silent.goOn(`${'x'.repeat(getLength - sent)}\r\n`);
    expect(String(await answer)).toHaveLength(getLength);
    expect(silent.pings).toBeGreaterThan(0);
  });

  test('[L34] a server that loads is used when it has loaded, not when it said it would', async () => {
    await using loading = await startSilentRedis({ loadingFor: 6 });
    await using layer = await openLayer({ hosts: [loading.url], pingMs: 60_000 });
    // Two connections asked, each until the server no longer answered that it loads.
    expect(loading.infos).toBeGreaterThan(6);
    await layer.groupListen('group', () => {});
  });

  test('[L21] a connection that is cut in the middle, with no word from the other side', async () => {
    await using proxy = await startMuteProxy(server.port);
    await using rig = await openListener({ hosts: [`redis://127.0.0.1:${proxy.port}`], pingMs: 50 });
    const { layer, events, heard, group } = rig;
    proxy.freeze();
    await events.reached(1);
    expect(kinds(events)).toEqual(['lost']);
    proxy.thaw();
    await events.reached(2);
    await waitFor('a send that works', () => succeeds(() => layer.groupSend(group, { type: 't' })));
    await heard.reached(1);
  });
});

describe('starting', () => {
  const refusal = async (options: RedisLayerOptions): Promise<string> => {
    const layer = createRedisLayer(options);
    const error = await layer.connect().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(LayerUnavailable);
    await layer.close();
    return (error as Error).message;
  };

  test('[L20] nobody listens on the port', async () => {
    const port = await freePort();
    const where = `127.0.0.1:${port}`;
    expect(await refusal({ hosts: [`redis://${where}`] })).toBe(
      `cannot connect to Redis at ${where}: connection refused`,
    );
    expect(await refusal({ hosts: [server.url, `redis://${where}`] })).toContain(where);
  });

  test('[L20] a password is wanted, or the wrong one given; it is not repeated', async () => {
    await using locked = await startRedisServer();
    await using raw = await openRaw(locked.url);
    await raw.redis.config('SET', 'requirepass', 'open sesame');
    const where = `127.0.0.1:${locked.port}`;
    expect(await refusal({ hosts: [locked.url] })).toMatch(
      new RegExp(`^cannot connect to Redis at ${where}: password required \\(NOAUTH`),
    );
    const wrong = await refusal({ hosts: [`redis://:secret@${where}`] });
    expect(wrong).toMatch(new RegExp(`^cannot connect to Redis at ${where}: wrong username or password \\(WRONGPASS`));
    expect(wrong).not.toContain('secret');
    await (await openLayer({ hosts: [`redis://:open%20sesame@${where}`] })).close();
  });

  test('[L75] a database that the server does not have is not replaced by database 0', async () => {
    const outcome = await openLayer({ hosts: [`${server.url}/99`] }).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(LayerRejected);
    expect(String(outcome)).toContain('the database in REDIS_URL cannot be used (ERR DB index is out of range)');
    await (await openLayer({ hosts: [`${server.url}/15`] })).close();
  });

  test('[L20] something that accepts connections and never answers', async () => {
    await using proxy = await startMuteProxy(server.port);
    proxy.freeze();
    expect(await refusal({ hosts: [`redis://127.0.0.1:${proxy.port}`], connectMs: 100 })).toContain(
      'no answer within 100 ms',
    );
  });

  test('[L75] a server that would not serve this client later either is distinguished from one that is away', async () => {
    const kindOf = async (url: string): Promise<string> => {
      const layer = createRedisLayer({ hosts: [url] });
      const error = await layer.connect().catch((reason: unknown) => reason);
      await layer.close();
      return (error as LayerUnavailable).code;
    };
    await using locked = await startRedisServer({ args: ['--requirepass', 'open sesame'] });
    const web = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    expect(await kindOf(locked.url)).toBe('LAYER_REJECTED');
    expect(await kindOf(`redis://:wrong@127.0.0.1:${locked.port}`)).toBe('LAYER_REJECTED');
    expect(await kindOf(`redis://127.0.0.1:${port}`)).toBe('LAYER_REJECTED');
    expect(await refusal({ hosts: [`redis://127.0.0.1:${port}`] })).toBe(
      `cannot connect to Redis at 127.0.0.1:${port}: what answers on this port is not Redis`,
    );
    web.close();
    web.closeAllConnections();
    expect(await kindOf(`redis://127.0.0.1:${await freePort()}`)).toBe('LAYER_UNAVAILABLE');
    expect(await kindOf('unix:///nowhere/redis.sock')).toBe('LAYER_UNAVAILABLE');
  });

  test('[L20] no such socket', async () => {
    expect(await refusal({ hosts: ['unix:///nowhere/redis.sock'] })).toBe(
      'cannot connect to Redis at /nowhere/redis.sock: no such socket',
    );
  });

  test('[L19] before connect and after a failed one nothing is queued', async () => {
    const layer = createRedisLayer({ hosts: [server.url] });
    await expect(layer.groupSend('group', { type: 't' })).rejects.toThrow('not connected yet');
    await expect(layer.groupListen('group', () => {})).rejects.toThrow(LayerUnavailable);
    await expect(layer.newChannel()).rejects.toThrow(LayerUnavailable);
    await layer.connect();
    await layer.groupSend('group', { type: 't' });
    await layer.close();
  });

  test('[L15] closing while it connects leaves no connection', async () => {
    await using own = await startRedisServer();
    for (let turns = 0; turns < 40; turns += 4) {
      const layer = createRedisLayer({ hosts: [own.url] });
      const connected = layer.connect().catch((error: unknown) => error);
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await layer.close();
      await connected;
    }
    await using raw = await openRaw(own.url);
    // The two of `raw` itself.
    await waitFor('the connections to end', async () => (await raw.clients()) === 2);
  });
});

describe('leaving', () => {
  test('[L17] every way out leaves no trace in Redis', async () => {
    await using own = await startRedisServer();
    await using raw = await openRaw(own.url);
    await using layer = await openLayer({ hosts: [own.url] });
    const groups = Array.from({ length: 20 }, () => freshName('group'));
    const leaves = await Promise.all(groups.map((group) => layer.groupListen(group, () => {})));
    const channel = await layer.newChannel();
    await Promise.all(groups.map((group) => layer.groupAdd(group, channel)));
    expect(await raw.channels()).toHaveLength(21);
    await Promise.all(leaves.map((leave) => leave()));
    expect(await raw.channels()).toHaveLength(21);
    await Promise.all(groups.map((group) => layer.groupDiscard(group, channel)));
    expect(await raw.channels()).toEqual([channel]);
    await layer.releaseChannel(channel);
    expect(await raw.channels()).toEqual([]);

    const again = await layer.newChannel();
    await Promise.all(groups.map((group) => layer.groupAdd(group, again)));
    await layer.releaseChannel(again);
    expect(await raw.channels()).toEqual([]);

    await layer.newChannel();
    await layer.groupListen(groups[0] as string, () => {});
    await layer.flush();
    expect(await raw.channels()).toEqual([]);

    await layer.newChannel();
    await layer.groupListen(groups[0] as string, () => {});
    await layer.close();
    expect(await raw.channels()).toEqual([]);
    // The two of `raw` itself.
    expect(await raw.clients()).toBe(2);
  });

  test('[L10] [L17] a membership that ends by time leaves no trace', async () => {
    await using raw = await openRaw(server.url);
    const clock = { nowMs: 0 };
    await using layer = await openLayer({ hosts: [server.url], groupExpiryMs: 1_000, now: () => clock.nowMs });
    const group = freshName('group');
    await layer.groupAdd(group, await layer.newChannel());
    expect(await raw.subscribers(`asgi__group__${group}`)).toBe(1);
    clock.nowMs = 1_000;
    await layer.groupSend(group, { type: 't' });
    await waitFor('the server to know', async () => (await raw.subscribers(`asgi__group__${group}`)) === 0);
  });

  for (const seed of [7, freshSeed()]) {
    test(`[L16] [L17] joins and leaves among lost connections end as the last call said (seed ${seed})`, async () => {
      await using own = await startRedisServer();
      await using raw = await openRaw(own.url);
      await using layer = await openLayer({ hosts: [own.url], maxReconnectMs: 5 });
      const random = createRandom(seed);
      const groups = Array.from({ length: 5 }, () => freshName('group'));
      const heard = new Map<string, Message[]>(groups.map((group) => [group, []]));
      const leaves = new Map<string, (() => Promise<void>)[]>(groups.map((group) => [group, []]));
      for (let step = 0; step < 300; step += 1) {
        const group = random.pick(groups);
        const held = leaves.get(group) ?? [];
        if (random.chance(0.02)) await raw.killSubscribers();
        if (random.chance(0.5)) {
          const listener = (message: Message): number | undefined => heard.get(group)?.push(message);
          const joined = layer.groupListen(group, listener).then(
            (leave) => held.push(leave),
            (error: unknown) => expect(error).toBeInstanceOf(LayerUnavailable),
          );
          if (random.chance(0.7)) await joined;
        } else {
          const left = held.splice(random.below(held.length + 1), 1)[0]?.();
          if (random.chance(0.7)) await left;
        }
      }
      await waitFor('the server to agree', async () => {
        const counts = await Promise.all(groups.map((group) => raw.subscribers(`asgi__group__${group}`)));
        return groups.every((group, index) => counts[index] === ((leaves.get(group)?.length ?? 0) > 0 ? 1 : 0));
      });
      for (const messages of heard.values()) messages.length = 0;
      await waitFor('a send that works', () => succeeds(() => layer.groupSend(groups[0] as string, { type: 'warm' })));
      for (const group of groups) await layer.groupSend(group, { type: 'last' });
      await waitFor('every listener', () =>
        groups.every(
          (group) =>
            heard.get(group)?.filter(({ type }) => type === 'last').length === (leaves.get(group)?.length ?? 0),
        ),
      );
      await layer.close();
      expect(await raw.channels()).toEqual([]);
    });
  }
});

test('[L63] thousands of groups that are joined and left at once leave nothing behind, however few commands may wait', async () => {
  await using raw = await openRaw(server.url);
  await using layer = await openLayer({ hosts: [server.url], prefix: 'many', maxPending: 10 });
  const groups = Array.from({ length: 3_000 }, (_, index) => `group-${index}`);
  const mine = async (): Promise<number> => (await raw.channels()).filter((name) => name.startsWith('many__')).length;
  const undos = await Promise.all(groups.map((group) => layer.groupListen(group, () => {})));
  expect(await mine()).toBe(3_000);
  await Promise.all(undos.map((undo) => undo()));
  expect(await mine()).toBe(0);
});
