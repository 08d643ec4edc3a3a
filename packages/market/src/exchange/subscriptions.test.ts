import { describe, expect, test } from '@jest/globals';
import { createSubscriptions, type Subscriptions } from './subscriptions.js';
import type { StreamKey } from './venue.js';

const keys: readonly StreamKey[] = ['trade:A', 'ticker:A', 'trade:B', 'ticker:B'];

const create = (): Subscriptions =>
  createSubscriptions({ keys, requests: (due) => (due.length === 0 ? [] : [due]), answerMs: 10, refusedMs: 60 });

/** Sends all due messages; returns their streams, message by message. */
const ask = (subscriptions: Subscriptions, now: number, firstId: number): readonly (readonly StreamKey[])[] => {
  const due = subscriptions.due(now);
  due.forEach((request, i) => {
    subscriptions.sent(firstId + i, request, now);
  });
  return due;
};

describe('subscriptions', () => {
  test('[M85] each stream is requested once, and again without an answer', () => {
    const subscriptions = create();
    expect(ask(subscriptions, 0, 1)).toEqual([keys]);
    expect(ask(subscriptions, 9, 2)).toEqual([]);
    subscriptions.confirm({ keys: ['trade:A', 'ticker:A'] });
    expect([subscriptions.isConfirmed('A'), subscriptions.isConfirmed('B')]).toEqual([true, false]);
    expect(ask(subscriptions, 10, 2)).toEqual([['trade:B', 'ticker:B']]);
    expect(subscriptions.mostAttempts).toBe(2);
    subscriptions.confirm({ requestId: 1 });
    expect(subscriptions.isSettled).toBe(false);
    subscriptions.confirm({ requestId: 2 });
    expect([subscriptions.isSettled, subscriptions.mostAttempts]).toEqual([true, 0]);
    expect(ask(subscriptions, 1_000, 3)).toEqual([]);
  });

  test('[M85] after a rejection without a name each stream is requested alone', () => {
    const subscriptions = create();
    ask(subscriptions, 0, 1);
    expect(subscriptions.refuse({}, 1)).toEqual([]);
    expect(ask(subscriptions, 1, 2)).toEqual(keys.map((key) => [key]));
    subscriptions.confirm({ requestId: 2 });
    // It answers the oldest unanswered request.
    expect(subscriptions.refuse({}, 2)).toEqual(['A']);
    expect([subscriptions.isConfirmed('A'), subscriptions.isSettled]).toEqual([false, false]);
  });

  test('[M85] a rejected stream is settled, and requested again after a while', () => {
    const subscriptions = create();
    ask(subscriptions, 0, 1);
    expect(subscriptions.refuse({ requestId: 1, keys: ['trade:A', 'trade:X'] }, 5)).toEqual(['A']);
    subscriptions.confirm({ requestId: 1 });
    expect([subscriptions.isSettled, subscriptions.isConfirmed('A'), subscriptions.isConfirmed('B')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(ask(subscriptions, 64, 2)).toEqual([]);
    expect(ask(subscriptions, 65, 2)).toEqual([['trade:A']]);
    subscriptions.confirm({ requestId: 2 });
    expect(subscriptions.isConfirmed('A')).toBe(true);
  });

  test('[M85] a rejection of another request changes nothing', () => {
    const subscriptions = create();
    ask(subscriptions, 0, 7);
    expect(subscriptions.refuse({ requestId: 6, keys: ['trade:A'] }, 1)).toEqual([]);
    expect(subscriptions.refuse({ requestId: 6 }, 1)).toEqual([]);
    subscriptions.confirm({ requestId: 7 });
    expect(subscriptions.isSettled).toBe(true);
    expect(subscriptions.refuse({}, 2)).toEqual([]);
  });

  test('[M85] a renewed pair is requested again and stays confirmed meanwhile', () => {
    const subscriptions = create();
    ask(subscriptions, 0, 1);
    subscriptions.confirm({ requestId: 1 });
    subscriptions.renew('A');
    expect(ask(subscriptions, 1, 2)).toEqual([['trade:A', 'ticker:A']]);
    expect(subscriptions.isConfirmed('A')).toBe(true);
    expect(ask(subscriptions, 11, 3)).toEqual([['trade:A', 'ticker:A']]);
    subscriptions.confirm({ keys });
    expect(ask(subscriptions, 100, 4)).toEqual([]);
  });

  test('[M85] a name that is not among the streams is never confirmed', () => {
    expect(create().isConfirmed('C')).toBe(false);
  });
});
