import { describe, expect, it } from '@jest/globals';
import type { Fleet } from '@tickwire/fleet';
import { createEmulations } from './emulations.js';

/** A fleet whose other gateways answer when they are let. */
const createFleet = (id: string) => {
  const asked: { readonly member: string | undefined; readonly question: string }[] = [];
  const waiting: ((answers: readonly string[]) => void)[] = [];
  let respond: ((question: string) => unknown) | undefined;
  const fleet = {
    id,
    answer(_topic: string, responder: (question: string) => unknown) {
      respond = responder;
    },
    ask(_topic: string, question: string, _shape: unknown, member?: string) {
      asked.push({ member, question });
      return new Promise((resolve) => void waiting.push(resolve));
    },
  } as unknown as Pick<Fleet, 'id' | 'answer' | 'ask'>;
  return {
    fleet,
    asked,
    hear: (question: string) => respond?.(question),
    answerAll(...answers: readonly string[]) {
      for (const resolve of waiting.splice(0)) resolve(answers);
    },
  };
};

describe('clients over HTTP', () => {
  it('[CF71] a command reaches the gateway of its session alone, as text or bytes', async () => {
    const [one, two] = [createFleet('one'), createFleet('two')];
    const at = { one: createEmulations({ fleet: one.fleet, newId: () => 'x' }) };
    const emulations = createEmulations({ fleet: two.fleet, newId: () => 'x' });
    const received: (string | Uint8Array)[] = [];
    const session = emulations.add({ receive: (data) => received.push(data) });
    for (const data of ['{}', Buffer.from([1, 2])]) {
      const delivery = at.one.deliver(session, data, '10.0.0.1');
      expect(one.asked.at(-1)?.member).toBe('two');
      one.answerAll(String(two.hear(one.asked.at(-1)?.question ?? '')));
      expect(await delivery).toBe('delivered');
    }
    expect(received).toEqual(['{}', Buffer.from([1, 2])]);
    expect(two.hear('no JSON')).toBeUndefined();
  });

  it('[CF71] those on their way are bounded, in all and of one address', async () => {
    const { fleet, answerAll } = createFleet('one');
    const emulations = createEmulations({ fleet, newId: () => 'x', maxPassing: 3, maxPassingOfAddress: 2 });
    const deliver = (address: string) => emulations.deliver('two/x', '{}', address);
    const first = [deliver('a'), deliver('a')];
    expect(await deliver('a')).toBe('busy');
    const third = deliver('b');
    expect(await deliver('c')).toBe('busy');
    answerAll();
    expect(await Promise.all([...first, third])).toEqual(['unknown', 'unknown', 'unknown']);
    const later = deliver('a');
    answerAll('delivered');
    expect(await later).toBe('delivered');
  });
});
