import { beforeEach, describe, expect, it } from '@jest/globals';
import { createOperatorSignature } from '@tickwire/runtime';
import { createProducerBoard, type ProducerBoard } from './producer-board.js';

const signature = createOperatorSignature('an operator of some kind');
const statusOf = (owner: string, more: object = {}): string =>
  JSON.stringify({
    ...{ owner, isLeading: false, buffered: 0, published: 0, overflowed: 0, feeds: [], events: [] },
    ...more,
  });

describe('what producers told', () => {
  let now: number;
  let forged: number;
  let board: ProducerBoard;

  const hear = (owner: string, more: object = {}, at = now): void =>
    board.hear({ type: 'producer.status', status: statusOf(owner, more), at });
  const hearSigned = (owner: string, more: object = {}, at = now, by = signature): void => {
    const status = statusOf(owner, more);
    board.hear({ type: 'producer.status', status, at, mac: by.sign(['producer', status], at) });
  };
  const seen = () => board.read().map(({ owner, isVerified, isLeading }) => [owner, isVerified, isLeading]);

  beforeEach(() => {
    now = 100_000;
    forged = 0;
    board = createProducerBoard({
      signature,
      now: () => now,
      onForged: () => {
        forged += 1;
      },
    });
  });

  it('[G87] is verified where it is signed, and leaders come first', () => {
    hearSigned('a');
    hear('b');
    hearSigned('c', { isLeading: true });
    expect(seen()).toEqual([
      ['c', true, true],
      ['a', true, false],
      ['b', false, false],
    ]);
    expect(forged).toBe(0);
    now += 6_001;
    expect(seen()).toEqual([]);
  });

  it('[G87] unsigned never takes the place of signed, nor does what was signed before or with another token', () => {
    hearSigned('a', { isLeading: true });
    now += 10;
    hear('a');
    hearSigned('a', {}, now, createOperatorSignature('another operator'));
    hearSigned('a', {}, now - 11);
    hearSigned('a', {}, now - 30_001);
    expect(seen()).toEqual([['a', true, true]]);
    expect(forged).toBe(3);
    hearSigned('a');
    expect(seen()).toEqual([['a', true, false]]);
    // Signed after it was not.
    hear('b');
    hearSigned('b', {}, now - 5);
    expect(seen()).toContainEqual(['b', true, false]);
  });

  it('[G87] unsigned leaves room for signed, and signed are bounded as well', () => {
    for (let i = 0; i < 150; i += 1) hear(`unsigned-${i}`);
    expect(board.read()).toHaveLength(100);
    for (let i = 0; i < 120; i += 1) hearSigned(`signed-${i}`);
    expect(board.read()).toHaveLength(100);
    expect(board.read().every(({ isVerified }) => isVerified)).toBe(true);
  });

  it.each([
    [undefined],
    [{ type: 'producer.status' }],
    [{ type: 'producer.status', at: 100_000, status: 'no JSON' }],
    [{ type: 'producer.status', at: 100_000, status: 'null' }],
    [{ type: 'producer.status', at: 100_000, status: statusOf('a', { feeds: 'all' }) }],
    [{ type: 'producer.status', at: 100_000, status: statusOf('a'.repeat(201)) }],
    [{ type: 'producer.status', at: 100_000, status: statusOf('a', { padding: 'x'.repeat(200_000) }) }],
    [{ type: 'another', at: 100_000, status: statusOf('a') }],
  ])('[G87] is nothing where it cannot be read: %#', (message) => {
    board.hear(message);
    expect(board.read()).toEqual([]);
  });
});
