import { describe, expect, test } from '@jest/globals';
import { LayerUnavailable } from '../errors.js';
import type { RedisConnection } from '../redis/connection.js';
import type { ClusterNode } from './cluster-node.js';
import { createClusterSubscriptions } from './cluster-subscriptions.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Sent {
  /** `+address node` or `-address node`. */
  readonly what: string;
  readonly answer: (error?: Error) => Promise<void>;
}

/** Two masters whose answers the test gives; all slots belong to `owner`. */
const create = () => {
  const sent: Sent[] = [];
  const story: string[] = [];
  const nodeOf = (label: string) => {
    let connection: RedisConnection | undefined;
    const run = (what: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const answer = (error?: Error): Promise<void> => {
          if (error === undefined) resolve();
          else reject(error);
          return settled();
        };
        sent.push({ what, answer });
      });
    const connect = (): void => {
      connection = {
        subscribe: ([address]: readonly string[]) => run(`+${address} ${label}`),
        unsubscribe: ([address]: readonly string[]) => run(`-${address} ${label}`),
      } as unknown as RedisConnection;
    };
    const cut = (): void => {
      connection = undefined;
      subscriptions.onDown(node, `${label} is cut`);
    };
    const subscriber = (): RedisConnection => {
      if (connection === undefined) throw new LayerUnavailable(`${label} is not connected`);
      return connection;
    };
    const node = {
      label,
      host: 'h',
      subscriber,
      get isUp() {
        return connection !== undefined;
      },
    } as ClusterNode;
    connect();
    return { node, connect, cut };
  };
  const [one, two] = [nodeOf('h:1'), nodeOf('h:2')];
  const state = { owner: one.node, nowMs: 0 };
  const subscriptions = createClusterSubscriptions({
    nodes: {
      ownerOf: () => state.owner,
      async follow(_slot, label) {
        state.owner = label === 'h:1' ? one.node : two.node;
      },
    },
    onLost: (addresses, reason) => story.push(`lost ${addresses}: ${reason}`),
    onRestored: (addresses, downMs) => story.push(`restored ${addresses} after ${downMs}`),
    now: () => state.nowMs,
  });
  const subscribed = async (...addresses: string[]): Promise<void> => {
    for (const address of addresses) {
      const done = subscriptions.subscribe(address);
      await sent.at(-1)?.answer();
      await done;
    }
  };
  return { one, two, state, subscriptions, sent, story, subscribed };
};

const moved = (label: string): Error => {
  const cause = Object.assign(new Error(`MOVED 1 ${label}`), { name: 'ReplyError' });
  return new LayerUnavailable('refused', { cause });
};

const whats = (sent: readonly Sent[]): string[] => sent.map(({ what }) => what);

describe('subscriptions in a cluster', () => {
  test('[L31] lost at once, restored on the new owner', async () => {
    const { one, two, state, subscriptions, sent, story, subscribed } = create();
    await subscribed('a', 'b');
    one.cut();
    expect(story).toEqual(['lost a,b: h:1 is cut']);
    subscriptions.settle();
    expect(subscriptions.isSettled).toBe(false);
    state.owner = two.node;
    state.nowMs = 70;
    subscriptions.settle();
    expect(whats(sent.slice(2))).toEqual(['+a h:2', '+b h:2']);
    for (const each of sent.slice(2)) await each.answer();
    expect(story[1]).toBe('restored a,b after 70');
    expect(subscriptions.isSettled).toBe(true);
  });

  test('[L31] a failed restore is not a second loss, and an address that cannot be restored waits alone', async () => {
    const { one, two, state, subscriptions, sent, story, subscribed } = create();
    await subscribed('a', 'b');
    one.cut();
    state.owner = two.node;
    subscriptions.settle();
    await sent[2]?.answer();
    await sent[3]?.answer(new LayerUnavailable('CLUSTERDOWN'));
    expect(story).toEqual(['lost a,b: h:1 is cut', 'restored a after 0']);
    subscriptions.settle();
    expect(whats(sent.slice(4))).toEqual(['+b h:2']);
    state.nowMs = 5;
    two.cut();
    await sent[4]?.answer(new LayerUnavailable('cut'));
    expect(story.slice(2)).toEqual(['lost a: h:2 is cut']);
    two.connect();
    subscriptions.settle();
    for (const each of sent.slice(5)) await each.answer();
    expect(story.slice(3)).toEqual(['restored a after 0', 'restored b after 5']);
  });

  test('[L31] withdrawn by its node: only the addresses no longer held are lost', async () => {
    const { one, subscriptions, story, subscribed } = create();
    await subscribed('a', 'b');
    subscriptions.onWithdrawn(one.node, new Set(['b']));
    expect(story).toEqual(['lost a: its slot has moved to another node']);
  });

  test('[L31] a master that handed over is left before its successor is asked: nothing arrives twice', async () => {
    const { two, state, subscriptions, sent, story, subscribed } = create();
    await subscribed('a');
    state.owner = two.node;
    subscriptions.settle();
    expect(whats(sent.slice(1))).toEqual(['-a h:1']);
    await sent[1]?.answer();
    expect(whats(sent.slice(2))).toEqual(['+a h:2']);
    await sent[2]?.answer();
    expect(story).toEqual(['lost a: the slot has another master', 'restored a after 0']);
  });

  test('[L16] subscribe, unsubscribe, subscribe at once: the last call counts, across a redirection', async () => {
    const { two, subscriptions, sent, subscribed, story } = create();
    const calls = [subscriptions.subscribe('a'), subscriptions.unsubscribe('a'), subscriptions.subscribe('a')];
    await sent[0]?.answer(moved('h:2'));
    for (let turn = 1; turn < 4; turn += 1) await sent[turn]?.answer();
    await Promise.all(calls);
    expect(whats(sent)).toEqual(['+a h:1', '+a h:2', '-a h:2', '+a h:2']);
    await subscribed('b');
    two.cut();
    expect(story).toEqual(['lost a,b: h:2 is cut']);
  });

  test('[L17] an address unsubscribed while it is lost is neither subscribed again nor reported as restored', async () => {
    const { one, two, state, subscriptions, sent, story, subscribed } = create();
    await subscribed('a', 'b');
    one.cut();
    await subscriptions.unsubscribe('a');
    state.owner = two.node;
    subscriptions.settle();
    const left = subscriptions.unsubscribe('b');
    await sent[2]?.answer();
    await sent[3]?.answer();
    await left;
    expect(whats(sent.slice(2))).toEqual(['+b h:2', '-b h:2']);
    expect(story).toEqual(['lost a,b: h:1 is cut']);
    expect(subscriptions.isSettled).toBe(true);
  });

  test('[L19] without a connection subscribing fails at once, and unsubscribing succeeds', async () => {
    const { one, subscriptions, sent, story } = create();
    const pending = expect(subscriptions.subscribe('a')).rejects.toThrow('h:1 is cut');
    one.cut();
    await sent[0]?.answer(new LayerUnavailable('h:1 is cut'));
    await pending;
    await expect(subscriptions.subscribe('b')).rejects.toThrow('h:1 is not connected');
    await subscriptions.unsubscribe('b');
    expect(story).toEqual([]);
  });
});
