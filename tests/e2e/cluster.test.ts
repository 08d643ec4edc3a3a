import { describe, expect, it } from '@jest/globals';
import { connectPlain } from '../support/plain-client.js';
import { startRedisCluster } from '../support/redis-cluster.js';
import { startTickwire } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

/** Few, as the past of each is computed at the start: the channels of trades are on one master each. */
const symbols = ['COIN0-USD', 'COIN4-USD', 'COIN1-USD'];
const channels = symbols.map((symbol) => `trade.sim.${symbol}`);

type Heard = Readonly<Record<string, unknown>>;

interface Position {
  readonly epoch: string;
  readonly seq: number;
}

const positionOf = (message: unknown): Position => {
  const { epoch, seq } = message as Position;
  return { epoch, seq };
};

/** What a client of one channel cannot account for: publications it neither got nor was notified of as lost. */
const silentHoles = (messages: readonly Heard[]): readonly string[] => {
  const holes: string[] = [];
  let expected: Position | undefined;
  for (const message of messages) {
    if (message['type'] === 'channel.lost') {
      if (expected !== undefined) expect(positionOf(message['after']).seq).toBe(expected.seq - 1);
      expected = positionOf(message['resumed']);
    } else if (message['seq'] !== undefined) {
      const { epoch, seq } = positionOf(message);
      if (expected !== undefined && (epoch !== expected.epoch || seq !== expected.seq)) {
        holes.push(`${epoch}/${seq} instead of ${expected.epoch}/${expected.seq}`);
      }
      expected = { epoch, seq: seq + 1 };
    }
  }
  return holes;
};

describe('separate processes over a Redis Cluster', () => {
  it('[E60] a master is killed and its replica takes over: no client has a hole it was not notified of', async () => {
    await using cluster = await startRedisCluster({ replicas: true });
    const REDIS_URL = `cluster://${cluster.seeds}`;
    await using producer = await startTickwire('producer', { REDIS_URL, SYMBOLS: symbols.join(), SIM_RATE: '10' });
    await using gateway = await startTickwire('gateway', { REDIS_URL, DRAIN_MS: '0' });
    using client = await connectPlain(`${gateway.url}/ws/prediction/?channels=${channels.join()}`);
    const on = (channel: string): readonly Heard[] =>
      client.messages.filter((message) => message['channel'] === channel);
    await waitFor('trades on every channel', () => channels.every((channel) => on(channel).length > 5), 20_000);

    const owners = await Promise.all(channels.map((channel) => cluster.ownerOf(`{${channel}}`)));
    expect(owners).toEqual([0, 1, 2]);
    const dying = channels.filter((_, index) => owners[index] === 1);
    await cluster.nodes[1]?.server.stop('SIGKILL');
    const is = (type: string) => (channel: string) => on(channel).some((message) => message['type'] === type);
    await waitFor('the stale notices', () => dying.every(is('channel.stale')));
    await waitFor('the live notices', () => dying.every(is('channel.live')), 20_000);
    expect(channels.filter(is('channel.stale'))).toEqual(dying);

    const before = new Map(channels.map((channel) => [channel, on(channel).length]));
    const goesOn = (channel: string): boolean => on(channel).length > (before.get(channel) ?? 0) + 20;
    await waitFor('trades to go on everywhere', () => channels.every(goesOn), 20_000);
    for (const channel of channels) expect([channel, silentHoles(on(channel))]).toEqual([channel, []]);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    expect(producer.output()).toContain('leading');
  });
});
