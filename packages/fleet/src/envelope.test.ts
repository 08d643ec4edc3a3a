import { describe, expect, it } from '@jest/globals';
import { isReservedGroup } from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import { createEnvelope } from './envelope.js';
import { fleetGroups } from './fleet.js';

const token = 'an operator of some kind';
const letter = { kind: 'order', from: 'one', to: 'two', topic: 'drain', id: '7', body: '{"a":1}' } as const;

describe('an envelope', () => {
  const clock = createManualClock();
  const envelope = createEnvelope({ token, clock });
  const sealed = envelope.seal(letter);

  it('[FL1] opens a letter signed with its token, unchanged', () => {
    expect(envelope.open(sealed)).toEqual({ ...letter, at: clock.wall(), isSigned: true });
  });

  it.each([
    { body: '{"a":2}' },
    { to: 'three' },
    { from: 'two' },
    { topic: 'other' },
    { id: '8' },
    { type: 'fleet.ask' },
    { at: clock.wall() + 1 },
    { mac: '' },
    { mac: 'AAAA' },
    createEnvelope({ token: 'another token', clock }).seal(letter),
  ])('[FL1] rejects a letter that was changed: %j', (change) => {
    const fresh = createEnvelope({ token, clock });
    expect(fresh.open({ ...sealed, ...change })).toBeUndefined();
    expect(fresh.forged).toBe(1);
  });

  it('[FL1] rejects a letter half a minute old or ahead', () => {
    const later = createManualClock();
    const reader = createEnvelope({ token, clock: later });
    later.stepWall(30_000);
    expect(reader.open(sealed)).toMatchObject({ isSigned: true });
    later.stepWall(1);
    expect(reader.open(sealed)).toBeUndefined();
    later.stepWall(-60_002);
    expect(reader.open(sealed)).toBeUndefined();
    expect(reader.forged).toBe(2);
  });

  it('[FL2] reports whether a letter is signed; without a token none is', () => {
    const { mac, ...unsigned } = sealed;
    expect(envelope.open(unsigned)).toMatchObject({ isSigned: false, body: letter.body });
    const trusting = createEnvelope({ token: undefined, clock });
    expect(trusting.seal(letter)).not.toHaveProperty('mac');
    for (const message of [sealed, { ...sealed, mac: 'AAAA' }, unsigned])
      expect(trusting.open(message)).toMatchObject({ isSigned: false });
  });
});

describe('groups', () => {
  it.each([fleetGroups.everybody, fleetGroups.producers, fleetGroups.member('x'), fleetGroups.probe('x'), 'catalog'])(
    '[FL9] %s is reserved',
    (name) => {
      expect(isReservedGroup(name)).toBe(true);
    },
  );

  it.each(['trade.sim.BTC-USD', 'tickwire', 'catalog.mine', 'my.tickwire.group'])('[FL9] %s is not', (name) => {
    expect(isReservedGroup(name)).toBe(false);
  });
});
