import { describe, expect, test } from '@jest/globals';
import {
  createMessageCodec,
  createRedisHistory,
  createRedisLease,
  createScriptClient,
  type LayerEvent,
  type Message,
} from '@tickwire/channel-layer';
import { batchOf, publications } from '@tickwire/channel-layer/testing';
import { createScope } from '@tickwire/runtime';
import { urlFor } from '../support/limited-users.js';
import { connectRedis } from '../support/redis-history.js';
import { openLayer } from '../support/redis-layer.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import { patientMs, waitFor } from '../support/wait-for.js';

const replicaOf = (port: number) =>
  startRedisServer({ args: ['--replicaof', '127.0.0.1', String(port), '--repl-diskless-sync-delay', '0'] });

/** Two servers behind one address that moves from the first to the second; connections that are open stay where they are. */
const openMovingAddress = async () => {
  const scope = createScope();
  const own = <T extends AsyncDisposable>(thing: T): T => {
    scope.own({ close: () => thing[Symbol.asyncDispose]() });
    return thing;
  };
  const first = own(await startRedisServer());
  const second = own(await replicaOf(first.port));
  const proxy = own(await startTcpProxy(first.port));
  const operators = await Promise.all([first, second].map(({ port }) => connectRedis(port)));
  for (const operator of operators) scope.own({ close: () => operator.disconnect() });
  const [old, next] = operators as [(typeof operators)[0], (typeof operators)[0]];
  await waitFor('the replica', async () => /master_link_status:up/.test(await next.info('replication')));
  return {
    url: urlFor('producer', `redis://127.0.0.1:${proxy.port}`),
    proxy,
    next,
    async failOver(): Promise<void> {
      await waitFor('the replica to have it all', async () => {
        const offset = (info: string, name: string): string | undefined => new RegExp(`${name}:(\\d+)`).exec(info)?.[1];
        const [mine, its] = [await old.info('replication'), await next.info('replication')];
        return offset(mine, 'master_repl_offset') === offset(its, 'slave_repl_offset');
      });
      await next.replicaof('NO', 'ONE');
      proxy.target = second.port;
      await old.replicaof('127.0.0.1', second.port);
    },
    [Symbol.asyncDispose]: scope.close,
  };
};

describe('an address that moves to another server, while the old one lives on as a replica', () => {
  test('[L60] is noticed by the first write that is rejected; lease, history and publishing go on at the new one', async () => {
    await using address = await openMovingAddress();
    await using layer = await openLayer({ hosts: [address.url] });
    const client = createScriptClient(layer);
    const history = createRedisHistory({ client, codec: createMessageCodec() });
    const lease = createRedisLease({ client, owner: 'me', leaseMs: 60_000 });
    const heard: Message[] = [];
    await layer.groupListen('quotes', (message) => heard.push(message));
    const token = await lease.acquire();
    await history.append([batchOf('quotes', 'e1', 1, 3)], 1);

    await address.failOver();
    await expect(history.append([batchOf('quotes', 'e1', 4, 2)], 1)).rejects.toMatchObject({
      code: 'REDIS_UNAVAILABLE',
    });
    await waitFor('the append to succeed', async () => {
      const [result] = await history.append([batchOf('quotes', 'e1', 4, 2)], 1).catch(() => []);
      return result?.outcome === 'appended';
    });
    expect(await lease.acquire()).toBe(token);
    // Reads have a connection of their own, which may still be on its way to the new server.
    const [range] = await waitFor('a read to succeed', () => history.newest(['quotes'], 9).catch(() => undefined));
    expect(range?.messages).toEqual(publications('e1', 1, 5));
    expect(await address.next.xlen('tickwire:history:quotes')).toBe(5);

    await waitFor('the listener to hear the new server', async () => {
      await layer.groupSend('quotes', { type: 'again' });
      return heard.some(({ type }) => type === 'again');
    });
  });

  test('[L61] is noticed without a write: the role is asked for with each sign of life, and the subscriptions move too', async () => {
    await using address = await openMovingAddress();
    await using layer = await openLayer({ hosts: [address.url], pingMs: patientMs(200) });
    const events: LayerEvent[] = [];
    layer.onEvent((event) => events.push(event));
    const heard: Message[] = [];
    await layer.groupListen('quotes', (message) => heard.push(message));

    await address.failOver();
    await waitFor('the subscription to be lost and restored', () => events.at(-1)?.type === 'restored');
    expect(events[0]).toEqual({ type: 'lost', groups: ['quotes'], reason: 'the server became a replica' });
    await address.next.publish('asgi__group__quotes', Buffer.from('81a474797065a3616e79', 'hex'));
    await waitFor('the message', () => heard.length > 0);
  });

  test('[L60] a server that stays a replica is asked again with growing pauses, not in a storm', async () => {
    await using master = await startRedisServer();
    await using replica = await replicaOf(master.port);
    await using layer = await openLayer({ hosts: [urlFor('producer', replica.url)], maxReconnectMs: 500 });
    const operator = await connectRedis(replica.port);
    const until = performance.now() + 2_000;
    await waitFor('two seconds of rejected writes', async () => {
      await layer.call('key', 'SET', ['tickwire:state:x', '1']).catch(() => {});
      return performance.now() > until;
    });
    const connections = Number(/total_connections_received:(\d+)/.exec(await operator.info('stats'))?.[1]);
    operator.disconnect();
    expect(connections).toBeLessThan(30);
  });
});
