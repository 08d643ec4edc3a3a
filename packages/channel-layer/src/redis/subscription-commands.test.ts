import { describe, expect, test } from '@jest/globals';
import { createSubscriptionCommands } from './subscription-commands.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A server that answers on request, and rejects the name `bad`. */
const create = () => {
  const sent: { readonly verb: string; readonly names: readonly string[] }[] = [];
  const answers: (() => void)[] = [];
  const commands = createSubscriptionCommands({
    send: (verb, names) => {
      sent.push({ verb, names });
      return new Promise((resolve, reject) => {
        answers.push(names.includes('bad') ? () => reject(new Error('refused')) : resolve);
      });
    },
  });
  const answerAll = async (): Promise<void> => {
    while (answers.length > 0) {
      answers.shift()?.();
      await settled();
    }
  };
  return { sent, commands, answerAll, underWay: () => answers.length };
};

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `a${index}`);

describe('joining and leaving many at once', () => {
  test('[L63] thousands of names share commands of 500 at most, and few commands are pending', async () => {
    const { sent, commands, answerAll, underWay } = create();
    const joined = names(5_000).map((name) => commands.run('subscribe', name));
    expect(underWay()).toBe(100);
    await answerAll();
    await Promise.all(joined);
    expect(sent).toHaveLength(110);
    expect(sent.flatMap((each) => each.names)).toEqual(names(5_000));
    expect(Math.max(...sent.map((each) => each.names.length))).toBe(500);
  });

  test('[L63] the order of the calls is kept when a name is left and joined again', async () => {
    const { sent, commands, answerAll } = create();
    for (const name of names(100)) void commands.run('subscribe', name);
    const calls = (['unsubscribe', 'unsubscribe', 'subscribe', 'unsubscribe'] as const).map((verb, index) =>
      commands.run(verb, index < 3 ? 'x' : 'y'),
    );
    await answerAll();
    await Promise.all(calls);
    expect(sent.slice(100)).toEqual([
      { verb: 'unsubscribe', names: ['x', 'x'] },
      { verb: 'subscribe', names: ['x'] },
      { verb: 'unsubscribe', names: ['y'] },
    ]);
  });

  test('[L63] a rejected name does not affect the others in its command', async () => {
    const { commands, answerAll } = create();
    for (const name of names(100)) void commands.run('subscribe', name);
    const results = Promise.allSettled(['b', 'bad', 'c'].map((name) => commands.run('subscribe', name)));
    await answerAll();
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
