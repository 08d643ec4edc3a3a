import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createTurns } from '@tickwire/hub';
import { createMessageQueue, type Sender } from './message-queue.js';

/** Work of a made-up length, on a clock of its own. */
const openTurns = () => {
  let at = 0;
  const done: string[] = [];
  const messages = createMessageQueue({ longBytes: 100, turns: createTurns({ now: () => at }) });
  const senderOf = (): Sender & { isPaused: boolean } => ({
    isPaused: false,
    pause() {
      this.isPaused = true;
    },
    resume() {
      this.isPaused = false;
    },
  });
  const send = (sender: Sender, name: string, ms: number, bytes = 10): void =>
    messages.run(sender, bytes, () => {
      at += ms;
      done.push(name);
    });
  const taken = (): readonly string[] => done.splice(0);
  return { messages, senderOf, send, taken };
};

describe('the messages of clients, divided among turns', () => {
  it('[GL263] are carried out at once while the turn has room, then in later ones', async () => {
    const { messages, senderOf, send, taken } = openTurns();
    const senders = Array.from({ length: 5 }, senderOf);
    for (const [index, sender] of senders.entries()) send(sender, `${index}`, 4);
    expect(taken()).toEqual(['0', '1']);
    expect(messages.waiting).toBe(3);
    expect(senders.map(({ isPaused }) => isPaused)).toEqual([false, false, true, true, true]);
    await nextTurn();
    expect(taken()).toEqual(['2', '3']);
    await nextTurn();
    expect(taken()).toEqual(['4']);
    expect([messages.waiting, senders.some(({ isPaused }) => isPaused)]).toEqual([0, false]);
  });

  it('[GL263] keep the order of their sender, and senders take turns', async () => {
    const { senderOf, send, taken } = openTurns();
    const [busy, many, newcomer] = [senderOf(), senderOf(), senderOf()];
    send(busy, 'busy', 9);
    for (const name of ['a', 'b', 'c', 'd']) send(many, name, 3);
    send(newcomer, 'new', 1);
    taken();
    await nextTurn();
    expect(taken()).toEqual(['a', 'new', 'b', 'c']);
    expect(many.isPaused).toBe(true);
    await nextTurn();
    expect(taken()).toEqual(['d']);
    expect(many.isPaused).toBe(false);
  });

  it('[GL263] long ones follow the short ones of a turn, one at least', async () => {
    const { senderOf, send, taken } = openTurns();
    send(senderOf(), 'busy', 9);
    for (const name of ['L1', 'L2']) send(senderOf(), name, 12, 5_000);
    const mixed = senderOf();
    send(mixed, 'L3', 12, 5_000);
    send(mixed, 'behind L3', 1);
    for (const name of ['s1', 's2']) send(senderOf(), name, 1);
    const seen: (readonly string[])[] = [taken()];
    for (let turn = 0; turn < 4; turn += 1) {
      await nextTurn();
      seen.push(taken());
    }
    expect(seen).toEqual([['busy'], ['s1', 's2', 'L1'], ['L2'], ['L3'], ['behind L3']]);
  });

  it('[GL263] of a sender that is gone are dropped', async () => {
    const { messages, senderOf, send, taken } = openTurns();
    send(senderOf(), 'busy', 9);
    const [gone, other] = [senderOf(), senderOf()];
    send(gone, 'a', 1);
    send(gone, 'b', 1, 5_000);
    send(other, 'c', 1);
    messages.forget(gone);
    expect(messages.waiting).toBe(1);
    await nextTurn();
    expect(taken()).toEqual(['busy', 'c']);
    send(other, 'd', 1);
    expect(taken()).toEqual(['d']);
  });
});
