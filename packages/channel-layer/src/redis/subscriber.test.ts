import { describe, expect, test } from '@jest/globals';
import { LayerUnavailable } from '../errors.js';
import type { ConnectionEvents, RedisConnection } from './connection.js';
import { createSubscriber, type Subscriber } from './subscriber.js';

/** A connection whose replies the test gives. */
interface FakeConnection {
  readonly commands: string[];
  /** Answers the oldest waiting command. */
  acknowledge(): Promise<void>;
  refuse(): Promise<void>;
  end(reason: string): Promise<void>;
}

interface Fixture {
  readonly subscriber: Subscriber;
  readonly connections: readonly FakeConnection[];
  readonly story: string[];
  readonly clock: { nowMs: number };
  /** Lets the next attempt to open a connection succeed, and waits for it. */
  reconnect(): Promise<FakeConnection>;
}

/** Resolves when everything that can proceed without a new event has done so. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const create = async (): Promise<Fixture> => {
  const connections: FakeConnection[] = [];
  const story: string[] = [];
  const clock = { nowMs: 0 };
  const opening: (() => void)[] = [];

  const open = async (events: ConnectionEvents, signal: AbortSignal): Promise<RedisConnection> => {
    if (connections.length > 0) {
      await new Promise<void>((resolve, reject) => {
        opening.push(resolve);
        signal.addEventListener('abort', () => reject(new LayerUnavailable('given up')));
      });
    }
    const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
    const commands: string[] = [];
    const run = (command: string): Promise<void> => {
      commands.push(command);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    };
    const end = (reason: string): void => {
      events.onDown(reason);
      for (const { reject } of waiting.splice(0)) reject(new LayerUnavailable(reason));
    };
    connections.push({
      commands,
      async acknowledge() {
        waiting.shift()?.resolve();
        await settled();
      },
      async refuse() {
        waiting.shift()?.reject(new LayerUnavailable('refused'));
        await settled();
      },
      async end(reason) {
        end(reason);
        await settled();
      },
    });
    return {
      publish: async () => {},
      subscribe: (addresses) => run(`+${addresses.join(',')}`),
      unsubscribe: (addresses) => run(`-${addresses.join(',')}`),
      call: async () => null,
      drop: end,
      close: async () => end('closed'),
    };
  };

  const subscriber = createSubscriber({
    label: 'fake',
    open,
    onMessage: () => {},
    delayMs: () => 0,
    onLost: (addresses, reason) => story.push(`lost ${addresses.join(',')}: ${reason}`),
    onRestored: (addresses, downMs) => story.push(`restored ${addresses.join(',')} after ${downMs}`),
    now: () => clock.nowMs,
  });
  await subscriber.start();
  return {
    subscriber,
    connections,
    story,
    clock,
    async reconnect() {
      while (opening.length === 0) await settled();
      opening.shift()?.();
      await settled();
      return connections.at(-1) as FakeConnection;
    },
  };
};

const subscribed = async ({ subscriber, connections }: Fixture, address: string): Promise<void> => {
  const done = subscriber.subscribe(address);
  await connections.at(-1)?.acknowledge();
  await done;
};

describe('the subscriber of one server', () => {
  test('[L18] lost at once, restored only when all are acknowledged', async () => {
    const fixture = await create();
    for (const address of ['a', 'b']) await subscribed(fixture, address);
    const first = fixture.connections[0] as FakeConnection;
    await first.end('cut');
    expect(fixture.story).toEqual(['lost a,b: cut']);
    fixture.clock.nowMs = 70;
    const second = await fixture.reconnect();
    expect(second.commands).toEqual(['+a,b']);
    expect(fixture.story).toHaveLength(1);
    await second.acknowledge();
    expect(fixture.story[1]).toBe('restored a,b after 70');
    await fixture.subscriber.close();
  });

  test('[L18] an address that joins during a restore is lost with the next connection, or fails with this one', async () => {
    const fixture = await create();
    await subscribed(fixture, 'a');
    await fixture.connections[0]?.end('first cut');
    const second = await fixture.reconnect();
    const joined = fixture.subscriber.subscribe('b');
    expect(second.commands).toEqual(['+a', '+b']);
    for (let reply = 0; reply < 2; reply += 1) await second.acknowledge();
    await joined;
    await second.end('second cut');

    const third = await fixture.reconnect();
    const late = expect(fixture.subscriber.subscribe('c')).rejects.toThrow('third cut');
    await third.end('third cut');
    await late;
    const fourth = await fixture.reconnect();
    expect(fourth.commands).toEqual(['+a,b']);
    await fourth.acknowledge();
    expect(fixture.story).toEqual([
      'lost a: first cut',
      'restored a after 0',
      'lost a,b: second cut',
      'restored a,b after 0',
    ]);
    await fixture.subscriber.close();
  });

  test('[L18] another failed attempt is not a second loss', async () => {
    const fixture = await create();
    await subscribed(fixture, 'a');
    await fixture.connections[0]?.end('cut');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const connection = await fixture.reconnect();
      await connection.end('cut again');
    }
    const last = await fixture.reconnect();
    await last.acknowledge();
    expect(fixture.story).toEqual(['lost a: cut', 'restored a after 0']);
    await fixture.subscriber.close();
  });

  test('[L17] an address unsubscribed while it is lost is neither subscribed again nor reported as restored', async () => {
    const fixture = await create();
    for (const address of ['a', 'b']) await subscribed(fixture, address);
    await fixture.connections[0]?.end('cut');
    await fixture.subscriber.unsubscribe('a');
    const second = await fixture.reconnect();
    expect(second.commands).toEqual(['+b']);
    const left = fixture.subscriber.unsubscribe('b');
    expect(second.commands).toEqual(['+b', '-b']);
    await second.acknowledge();
    await second.acknowledge();
    await left;
    expect(fixture.story).toEqual(['lost a,b: cut', 'restored  after 0']);
    await fixture.subscriber.close();
  });

  test('[L16] subscribe, unsubscribe, subscribe at once: the last one counts, even when all of them fail', async () => {
    const fixture = await create();
    const calls = [
      fixture.subscriber.subscribe('a'),
      fixture.subscriber.unsubscribe('a'),
      fixture.subscriber.subscribe('a'),
    ];
    const [first] = fixture.connections;
    expect(first?.commands).toEqual(['+a', '-a', '+a']);
    for (let reply = 0; reply < 3; reply += 1) await first?.acknowledge();
    await Promise.all(calls);
    const failing = [fixture.subscriber.unsubscribe('a'), fixture.subscriber.subscribe('a')];
    const results = Promise.allSettled(failing);
    await first?.end('cut');
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const second = await fixture.reconnect();
    expect(second.commands).toEqual([]);
    await fixture.subscriber.close();
  });

  test('[L16] a rejected subscribe does not undo the next one of the same address', async () => {
    const fixture = await create();
    const [first] = fixture.connections;
    const refused = expect(fixture.subscriber.subscribe('a')).rejects.toThrow('refused');
    const done = fixture.subscriber.subscribe('a');
    await first?.refuse();
    await first?.acknowledge();
    await Promise.all([refused, done]);
    await first?.end('cut');
    expect((await fixture.reconnect()).commands).toEqual(['+a']);
    await fixture.subscriber.close();
  });

  test('[L18] an unacknowledged subscribe fails, and is not reported as lost', async () => {
    const fixture = await create();
    await subscribed(fixture, 'a');
    const pending = expect(fixture.subscriber.subscribe('b')).rejects.toThrow('cut');
    await fixture.connections[0]?.end('cut');
    await pending;
    expect(fixture.story).toEqual(['lost a: cut']);
    await fixture.subscriber.close();
  });

  test('[L19] without a connection subscribing fails at once, and unsubscribing succeeds', async () => {
    const fixture = await create();
    await fixture.connections[0]?.end('cut');
    await expect(fixture.subscriber.subscribe('a')).rejects.toThrow('Redis at fake is not connected: cut');
    await fixture.subscriber.unsubscribe('a');
    await fixture.subscriber.close();
    await expect(fixture.subscriber.subscribe('a')).rejects.toThrow('closed');
  });
});
