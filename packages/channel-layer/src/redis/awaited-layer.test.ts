import { describe, expect, test } from '@jest/globals';
import { waitFor } from '../../../../tests/support/wait-for.js';
import { LayerRejected, LayerUnavailable } from '../errors.js';
import type { GroupListener, LayerEvent } from '../layer.js';
import { type AwaitedLayerOptions, openAwaitedLayer } from './awaited-layer.js';

type Layer = ReturnType<AwaitedLayerOptions['create']>;

/** Servers that answer an attempt with the next of these: an error, or nothing where they serve. */
const createServers = (...answers: readonly (Error | undefined)[]) => {
  const waiting = [...answers];
  const heard: string[] = [];
  const observers = new Set<(event: LayerEvent) => void>();
  const listeners = new Map<string, GroupListener>();
  let made = 0;
  let open = 0;
  /** What the next `groupListen` fails with. */
  let refusal: Error | undefined;

  const create = (): Layer => {
    made += 1;
    return {
      async connect() {
        const answer = waiting.length > 1 ? waiting.shift() : waiting[0];
        if (answer !== undefined) throw answer;
        open += 1;
      },
      async groupSend(group) {
        heard.push(`send ${group}`);
      },
      async groupListen(group, listener) {
        const failed = refusal;
        refusal = undefined;
        if (failed !== undefined) throw failed;
        listeners.set(group, listener);
        return async () => void listeners.delete(group);
      },
      onEvent(observe) {
        observers.add(observe);
        return () => observers.delete(observe);
      },
      call: async (address, command) => {
        heard.push(`${command} ${address}`);
        return null;
      },
      read: async () => null,
      partOf: (address) => address.length,
      async close() {
        open = Math.max(0, open - 1);
      },
    };
  };
  return {
    create,
    heard,
    listeners,
    report: (event: LayerEvent) => {
      for (const observe of observers) observe(event);
    },
    refuseListening(error: Error) {
      refusal = error;
    },
    get made() {
      return made;
    },
    get open() {
      return open;
    },
  };
};

const away = new LayerUnavailable('cannot connect to Redis at there:1: connection refused');
const unknown = new LayerUnavailable('cannot connect to Redis at there:1: no such host');
const wrong = new LayerRejected('cannot connect to Redis at there:1: wrong username or password');
const retryMs = 1;

describe('a layer that is waited for', () => {
  test('[R50] that is there at once is that layer, and was reached', async () => {
    const servers = createServers(undefined);
    const layer = await openAwaitedLayer({ create: servers.create, retryMs });
    await layer.untilReached();
    await layer.groupSend('quotes', { type: 'x' });
    expect([servers.made, servers.heard]).toEqual([1, ['send quotes']]);
  });

  test('[R50] counts as lost until it is reached: calls fail with the reason, and who observes later is notified too', async () => {
    const servers = createServers(away);
    const layer = await openAwaitedLayer({ create: servers.create, retryMs });
    const events: LayerEvent[] = [];
    layer.onEvent((event) => events.push(event));
    expect(events).toEqual([{ type: 'lost', groups: [], reason: away.message }]);
    for (const call of [
      () => layer.groupSend('quotes', { type: 'x' }),
      () => layer.call('key', 'GET', ['key']),
      () => layer.read('key', 'GET', ['key']),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'LAYER_UNAVAILABLE', message: away.message });
    expect(layer.partOf('four')).toBe(4);
    await layer.close();
    await expect(layer.untilReached()).rejects.toThrow(away.message);
  });

  test('[R50] hears from its return what was listened to meanwhile, and not what was left meanwhile', async () => {
    const servers = createServers(away, away, away, undefined);
    const layer = await openAwaitedLayer({ create: servers.create, retryMs });
    const events: LayerEvent[] = [];
    layer.onEvent((event) => events.push(event));
    await layer.groupListen('quotes', () => {});
    await (await layer.groupListen('left', () => {}))();
    const leave = await layer.groupListen('leaving', () => {});
    await layer.untilReached();
    expect([...servers.listeners.keys()]).toEqual(['quotes', 'leaving']);
    expect(events.at(-1)).toEqual({ type: 'restored', groups: ['quotes', 'leaving'], downMs: expect.any(Number) });
    await leave();
    expect([...servers.listeners.keys()]).toEqual(['quotes']);
    servers.report({ type: 'lost', groups: ['quotes'], reason: 'later' });
    expect(events.at(-1)).toMatchObject({ reason: 'later' });
    await layer.groupSend('quotes', { type: 'x' });
    expect(servers.heard).toEqual(['send quotes']);
    await layer.close();
    expect(servers.open).toBe(0);
  });

  test('[R50] that is lost while groups are joined again is closed, and all are joined at the next', async () => {
    const servers = createServers(away, undefined);
    const layer = await openAwaitedLayer({ create: servers.create, retryMs });
    for (const group of ['one', 'two']) await layer.groupListen(group, () => {});
    servers.refuseListening(new LayerUnavailable('lost again'));
    await layer.untilReached();
    expect([servers.made, servers.open]).toEqual([3, 1]);
    expect([...servers.listeners.keys()].sort()).toEqual(['one', 'two']);
    await layer.close();
  });

  test('[R51] whose servers reject this client is an error at the first attempt, and later a reason to wait on', async () => {
    await expect(openAwaitedLayer({ create: createServers(wrong).create, retryMs })).rejects.toBe(wrong);
    const broken = new TypeError('a fault of ours');
    await expect(openAwaitedLayer({ create: createServers(broken).create, retryMs })).rejects.toBe(broken);

    const servers = createServers(away, unknown, unknown, away, wrong, wrong, undefined);
    const layer = await openAwaitedLayer({ create: servers.create, retryMs });
    const reasons: string[] = [];
    layer.onEvent((event) => reasons.push(event.type === 'lost' ? event.reason : event.type));
    await layer.untilReached();
    expect(reasons).toEqual([away.message, unknown.message, wrong.message, 'restored']);
    await layer.close();
  });

  test('[R50] ends its attempts when it is closed', async () => {
    const servers = createServers(away);
    const layer = await openAwaitedLayer({ create: servers.create, retryMs });
    await waitFor('a second attempt', () => servers.made > 1);
    await layer.close();
    const { made } = servers;
    const others = createServers(away);
    const other = await openAwaitedLayer({ create: others.create, retryMs });
    await waitFor('the attempts of another', () => others.made > 5);
    await other.close();
    expect(servers.made).toBe(made);
  });
});
