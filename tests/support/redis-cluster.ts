import type { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { migrateLogin } from './limited-users.js';
import { connectRedis } from './redis-history.js';
import { type RedisServer, startRedisServer } from './redis-server.js';
import { waitFor } from './wait-for.js';

/** One redis-server of a cluster, with a client of the test's own. */
export interface ClusterMember {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly id: string;
  readonly server: RedisServer;
  readonly client: Redis;
}

export interface RedisCluster extends AsyncDisposable {
  /** The three that were masters at the start; each has a third of the slots. */
  readonly nodes: readonly ClusterMember[];
  /** The replica of each, in the same order; none unless requested. */
  readonly replicas: readonly ClusterMember[];
  /** Comma-separated `host:port` of the masters. */
  readonly seeds: string;
  /** Which of the three owned the slot of this name at the start. */
  ownerOf(name: string): Promise<number>;
  /** Moves the slot of this name with its keys; resolves when old and new owner know. */
  moveSlot(name: string, to: ClusterMember): Promise<void>;
}

export interface RedisClusterOptions {
  /** A replica for each master. @default false */
  readonly replicas?: boolean;
  readonly args?: readonly string[];
}

const slotCount = 16_384;

const startMember = async (
  args: readonly string[],
  attempts = 5,
): Promise<ClusterMember & { readonly busPort: number }> => {
  const busPort = await freePort();
  const ofCluster = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-node-timeout', '1000'];
  // By default a primary waits 5 s for further replicas before it sends its data.
  const ofReplication = ['--repl-diskless-sync-delay', '0'];
  const started = startRedisServer({ args: [...ofCluster, ...ofReplication, ...args] });
  const server = await started.catch((error: unknown) => {
    // The ports were free a moment ago. There are two for each of six nodes, so now and then another process takes one.
    if (attempts > 1 && String(error).includes('Address already in use')) return undefined;
    throw error;
  });
  if (server === undefined) return startMember(args, attempts - 1);
  const client = await connectRedis(server.port);
  const id = String(await client.cluster('MYID'));
  return { host: '127.0.0.1', port: server.port, id, server, client, busPort };
};

/** A Redis Cluster of three masters, ready to serve. Needs Redis 7, in which the bus port can be chosen. */
export const startRedisCluster = async (options: RedisClusterOptions = {}): Promise<RedisCluster> => {
  const { replicas: hasReplicas = false, args = [] } = options;
  const members: (ClusterMember & { readonly busPort: number })[] = [];
  const close = async (): Promise<void> => {
    for (const { client } of members) {
      client.disconnect();
      // Otherwise ioredis waits two seconds for the end of a server that is gone.
      client.stream?.destroy();
    }
    // Waits for all of them, even if one reports a rejection.
    const ends = await Promise.allSettled(members.map(({ server }) => server[Symbol.asyncDispose]()));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  };
  try {
    for (let node = 0; node < (hasReplicas ? 6 : 3); node += 1) members.push(await startMember(args));
    const [first] = members;
    for (const [node, { client, port, busPort }] of members.entries()) {
      if (node < 3) {
        const firstSlot = Math.ceil((slotCount * node) / 3);
        const lastSlot = Math.ceil((slotCount * (node + 1)) / 3) - 1;
        await client.call('CLUSTER', 'ADDSLOTSRANGE', firstSlot, lastSlot);
      }
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', node + 1);
      if (node > 0) await first?.client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
    }
    const isKnown = (info: unknown): boolean => String(info).includes(`cluster_known_nodes:${members.length}`);
    await waitFor('all nodes to know each other', async () =>
      (await Promise.all(members.map(({ client }) => client.cluster('INFO')))).every(isKnown),
    );
    for (const [index, { client }] of members.slice(3).entries()) {
      await client.call('CLUSTER', 'REPLICATE', members[index]?.id ?? '');
      await waitFor('a replica in step', async () => /master_link_status:up/.test(await client.info('replication')));
    }
    await waitFor('the cluster to serve all slots', async () =>
      (await Promise.all(members.map(({ client }) => client.cluster('INFO')))).every((info) =>
        String(info).includes('cluster_state:ok'),
      ),
    );
  } catch (error) {
    await close();
    throw error;
  }

  const nodes = members.slice(0, 3);
  const slotOf = async (name: string): Promise<number> => Number(await nodes[1]?.client.cluster('KEYSLOT', name));
  return {
    nodes,
    replicas: members.slice(3),
    seeds: nodes.map(({ host, port }) => `${host}:${port}`).join(),
    ownerOf: async (name) => Math.floor(((await slotOf(name)) * 3) / slotCount),
    async moveSlot(name, to) {
      const slot = await slotOf(name);
      const shards = await to.client.cluster('SLOTS');
      const ownerId = shards.find(([firstSlot, lastSlot]) => firstSlot <= slot && slot <= lastSlot)?.[2]?.[2];
      const from = nodes.find(({ id }) => id === ownerId);
      if (from === undefined) throw new Error(`none of the three has slot ${slot}`);
      await to.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
      await from.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
      const keys = (await from.client.call('CLUSTER', 'GETKEYSINSLOT', slot, 1_000)) as string[];
      if (keys.length > 0)
        await from.client.call('MIGRATE', to.host, to.port, '', 0, 5_000, ...migrateLogin(), 'KEYS', ...keys);
      await to.client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
      await from.client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
    },
    [Symbol.asyncDispose]: close,
  };
};
