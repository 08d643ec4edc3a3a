import { beforeEach, describe, expect, it } from '@jest/globals';
import { createEnvelope, type Envelope } from '@tickwire/fleet';
import { createManualClock, type ManualClock } from '@tickwire/protocol/testing';
import { createProducerBoard, type ProducerBoard } from './producer-board.js';

const token = 'an operator of some kind';
const statusOf = (owner: string, more: object = {}): string =>
  JSON.stringify({
    owner,
    isLeading: false,
    buffered: 0,
    published: 0,
    overflowed: 0,
    feeds: [],
    events: [],
    ...more,
  });

describe('the reports of producers', () => {
  let clock: ManualClock;
  let envelope: Envelope;
  let board: ProducerBoard;

  /** A report that was written `agoMs` ago. */
  const report = (owner: string, more: object, by: string | undefined, agoMs = 0): void => {
    const writer = createEnvelope({ token: by, clock: { wall: () => clock.wall() - agoMs } });
    board.hear(writer.seal({ kind: 'report', from: owner, topic: 'producer', body: statusOf(owner, more) }));
  };
  const hear = (owner: string, more: object = {}): void => report(owner, more, undefined);
  const hearSigned = (owner: string, more: object = {}, agoMs = 0, by = token): void => report(owner, more, by, agoMs);
  const seen = () => board.read().map(({ owner, isVerified, isLeading }) => [owner, isVerified, isLeading]);

  beforeEach(() => {
    clock = createManualClock();
    envelope = createEnvelope({ token, clock });
    board = createProducerBoard({ envelope, clock });
  });

  it('[G87] are verified if they are signed, and leaders come first', () => {
    hearSigned('a');
    hear('b');
    hearSigned('c', { isLeading: true });
    expect(seen()).toEqual([
      ['c', true, true],
      ['a', true, false],
      ['b', false, false],
    ]);
    expect(envelope.forged).toBe(0);
    clock.stepWall(86_400_000);
    expect(seen()).toHaveLength(3);
    clock.advance(6_001);
    expect(seen()).toEqual([]);
  });

  it('[G87] an unsigned report never replaces a signed one, nor does one signed earlier or with another token', () => {
    hearSigned('a', { isLeading: true });
    clock.advance(10);
    hear('a');
    hearSigned('a', {}, 0, 'another operator');
    hearSigned('a', {}, 11);
    hearSigned('a', {}, 30_001);
    expect(seen()).toEqual([['a', true, true]]);
    expect(envelope.forged).toBe(3);
    hearSigned('a');
    expect(seen()).toEqual([['a', true, false]]);
    // Signed after an unsigned report.
    hear('b');
    hearSigned('b', {}, 5);
    expect(seen()).toContainEqual(['b', true, false]);
  });

  it('[G87] unsigned reports leave room for signed ones, and signed ones are bounded as well', () => {
    for (let i = 0; i < 150; i += 1) hear(`unsigned-${i}`);
    expect(board.read()).toHaveLength(100);
    for (let i = 0; i < 120; i += 1) hearSigned(`signed-${i}`);
    expect(board.read()).toHaveLength(100);
    expect(board.read().every(({ isVerified }) => isVerified)).toBe(true);
  });

  it('[G87] are accepted again seven seconds after a clock was put back', () => {
    hearSigned('a');
    clock.stepWall(-20_000);
    hearSigned('a', { isLeading: true });
    expect(seen()).toEqual([['a', true, false]]);
    clock.advance(7_000);
    hearSigned('a', { isLeading: true });
    expect(seen()).toEqual([['a', true, true]]);
  });

  it.each([
    undefined,
    {},
    { type: 'fleet.report' },
    { body: 'no JSON' },
    { body: 'null' },
    { body: statusOf('a', { feeds: 'all' }) },
    { body: statusOf('a'.repeat(201)) },
    { body: statusOf('a', { padding: 'x'.repeat(200_000) }) },
    { type: 'fleet.ask', body: statusOf('a') },
    { type: 'another', body: statusOf('a') },
  ])('[G87] a report that cannot be read is ignored: %#', (fields) => {
    const whole = { type: 'fleet.report', from: 'a', to: '', topic: '', id: '', at: clock.wall(), body: '{}' };
    board.hear(fields && { ...whole, ...fields });
    expect(board.read()).toEqual([]);
  });
});
