import { describe, expect, test } from '@jest/globals';
import { LayerUnavailable } from '../errors.js';
import type { RedisConnection } from '../redis/connection.js';
import { createClusterLanes } from './cluster-lanes.js';
import type { ClusterNode } from './cluster-node.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A server's answer: an error reply. */
const reply = (text: string): Error => Object.assign(new Error(text), { name: 'ReplyError' });

interface Sent {
  readonly to: string;
  readonly text: string;
  readonly answer: (error?: Error) => Promise<void>;
}

const create = (maxWaiting = 10) => {
  const sent: Sent[] = [];
  const send =
    (text: string) =>
    (connection: RedisConnection): Promise<unknown> =>
      connection.call(text, []);
  const nodeOf = (label: string): ClusterNode => {
    const call = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const answer = (error?: Error): Promise<void> => {
          if (error === undefined) resolve(`${text} by ${label}`);
          else reject(error);
          return settled();
        };
        sent.push({ to: label, text, answer });
      });
    return { label, host: 'h', publisher: () => ({ call }) as unknown as RedisConnection } as ClusterNode;
  };
  const state = { owner: 'h:1', followed: [] as string[], follow: () => Promise.resolve() };
  const lanes = createClusterLanes(
    {
      ownerOf: () => nodeOf(state.owner),
      reach: async (label) => nodeOf(label),
      async follow(_slot, label) {
        state.followed.push(label);
        await state.follow();
        state.owner = label;
      },
    },
    maxWaiting,
  );
  return { sent, state, run: (text: string, slot = 7) => lanes.run(slot, send(text)) };
};

const story = (sent: readonly Sent[]): string[] => sent.map(({ to, text }) => `${text} ${to}`);

describe('commands to a cluster', () => {
  test('[L32] are sent in the turn of the call, and again in their order when the slot has moved', async () => {
    const { sent, state, run } = create();
    const replies = [run('a'), run('b')];
    expect(story(sent)).toEqual(['a h:1', 'b h:1']);
    await sent[0]?.answer(reply('MOVED 7 h:2'));
    replies.push(run('c'));
    const elsewhere = run('x', 8);
    expect(story(sent)).toEqual(['a h:1', 'b h:1', 'x h:1']);
    await sent[1]?.answer(reply('MOVED 7 :2'));
    expect(story(sent.slice(3))).toEqual(['a h:2', 'b h:2', 'c h:2']);
    for (const each of sent.slice(2)) await each.answer();
    expect(await Promise.all(replies)).toEqual(['a by h:2', 'b by h:2', 'c by h:2']);
    expect(await elsewhere).toBe('x by h:1');
    expect(state.followed).toEqual(['h:2']);
  });

  test('[L32] a command that may have been carried out is not sent again', async () => {
    const { sent, run } = create();
    const lost = expect(run('a')).rejects.toThrow('cut');
    await sent[0]?.answer(new LayerUnavailable('cut'));
    await lost;
    const wrong = expect(run('b')).rejects.toThrow('WRONGTYPE');
    await sent[1]?.answer(reply('WRONGTYPE no'));
    await wrong;
    expect(sent).toHaveLength(2);
  });

  test('[L32] ASK redirects this command, right behind ASKING, and the next goes to the owner again', async () => {
    const { sent, state, run } = create();
    const asked = run('a');
    await sent[0]?.answer(reply('ASK 7 h:2'));
    expect(story(sent.slice(1))).toEqual(['ASKING h:2', 'a h:2']);
    await sent[1]?.answer();
    await sent[2]?.answer();
    expect(await asked).toBe('a by h:2');
    void run('b');
    expect(story(sent.slice(3))).toEqual(['b h:1']);
    expect(state.followed).toEqual([]);
  });

  test('[L32] two nodes that redirect to each other end the command, and the number of waiting commands is bounded', async () => {
    const { sent, state, run } = create(2);
    const result = run('a').catch((error: unknown) => error);
    for (let turn = 0; turn < 6; turn += 1) await sent[turn]?.answer(reply(`MOVED 7 h:${turn}`));
    expect(await result).toBeInstanceOf(LayerUnavailable);
    expect(sent).toHaveLength(6);

    let arrive = (): void => {};
    state.follow = () => new Promise((resolve) => (arrive = resolve));
    const moved = run('b');
    await sent[6]?.answer(reply('MOVED 7 h:9'));
    void run('c');
    await expect(run('d')).rejects.toThrow('2 commands are waiting for slot 7');
    arrive();
    await settled();
    expect(story(sent.slice(7))).toEqual(['b h:9', 'c h:9']);
    await sent[7]?.answer();
    expect(await moved).toBe('b by h:9');
  });
});
