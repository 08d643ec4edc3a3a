import type { Children } from './children.js';
import { type RedisServer, startRedisServer } from './redis-server.js';

const slots = 16_384;
const readyMs = 20_000;
const stepMs = 50;

/** Some masters that share the slots, without replicas. @throws Error when they do not find each other. */
export const startRedisCluster = async (
  children: Children,
  cores: readonly number[] | undefined,
  masters: number,
): Promise<RedisServer> => {
  const servers: RedisServer[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    while (servers.length < masters) servers.push(await startRedisServer(children, cores, { isClustered: true }));
    const [first] = servers;
    if (first === undefined) throw new Error('a cluster has at least one master');
    for (const [index, server] of servers.entries()) {
      const cut = (at: number): number => Math.floor((slots * at) / masters);
      await server.call('CLUSTER', 'ADDSLOTSRANGE', cut(index), cut(index + 1) - 1);
      await server.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
      if (index > 0) await server.call('CLUSTER', 'MEET', '127.0.0.1', first.port, first.busPort);
    }
    await untilServing(servers);
    return {
      ...first,
      pids: servers.flatMap(({ pids }) => pids),
      url: `cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
      async clear() {
        await Promise.all(servers.map((server) => server.clear()));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const untilServing = async (servers: readonly RedisServer[]): Promise<void> => {
  const deadline = performance.now() + readyMs;
  const isServing = async (server: RedisServer): Promise<boolean> => {
    const info = String(await server.call('CLUSTER', 'INFO'));
    return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${servers.length}`);
  };
  while (!(await Promise.all(servers.map(isServing))).every(Boolean)) {
    if (performance.now() > deadline) throw new Error('the masters of a Redis Cluster did not find each other');
    await new Promise((resolve) => setTimeout(resolve, stepMs));
  }
};
