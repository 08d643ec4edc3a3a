import { freePort } from './free-port.js';
import { connectRedis } from './redis-history.js';
import { type RedisServer, startRedisServer } from './redis-server.js';
import { waitFor } from './wait-for.js';

export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
}

const slotCount = 16_384;

/** A Redis Cluster of three masters without replicas, ready to serve. Needs Redis 7: it names its own bus ports. */
export const startRedisCluster = async (): Promise<RedisCluster> => {
  const servers: { server: RedisServer; busPort: number }[] = [];
  const close = async (): Promise<void> => {
    for (const { server } of servers) await server[Symbol.asyncDispose]();
  };
  try {
    for (let node = 0; node < 3; node += 1) {
      const busPort = await freePort();
      const args = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
      servers.push({ server: await startRedisServer({ args }), busPort });
    }
    const clients = await Promise.all(servers.map(({ server }) => connectRedis(server.port)));
    try {
      for (const [node, client] of clients.entries()) {
        const firstSlot = Math.ceil((slotCount * node) / 3);
        const lastSlot = Math.ceil((slotCount * (node + 1)) / 3) - 1;
        await client.call('CLUSTER', 'ADDSLOTSRANGE', firstSlot, lastSlot);
        await client.call('CLUSTER', 'SET-CONFIG-EPOCH', node + 1);
      }
      for (const { server, busPort } of servers) {
        await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort);
      }
      await waitFor('the cluster to serve all slots', async () => {
        const infos = await Promise.all(clients.map((client) => client.cluster('INFO')));
        return infos.every((info) => info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3'));
      });
    } finally {
      for (const client of clients) client.disconnect();
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    nodes: servers.map(({ server }) => ({ host: '127.0.0.1', port: server.port })),
    [Symbol.asyncDispose]: close,
  };
};
