import { describe, expect, it } from '@jest/globals';
import type { GroupListener } from '@tickwire/channel-layer';
import { createEnvelope } from '@tickwire/fleet';
import { createManualClock } from '@tickwire/protocol/testing';
import { hearProducers } from './hear-producers.js';

const token = 'an operator of some kind';

const open = async () => {
  const clock = createManualClock();
  let hear: GroupListener = () => {};
  let aside: readonly string[] = ['nothing heard'];
  const { close } = await hearProducers({
    clock,
    envelope: createEnvelope({ token, clock }),
    layer: {
      groupListen(group, listener) {
        expect(group).toBe('tickwire.producers');
        hear = listener;
        return Promise.resolve(() => Promise.reject(new Error('Redis is gone')));
      },
    },
    hub: {
      setAside(channels) {
        aside = [...channels].sort();
      },
    },
  });
  const report = (owner: string, more: object, isSigned = true): readonly string[] => {
    const none = { isLeading: true, buffered: 0, published: 0, overflowed: 0, feeds: [], events: [] };
    const body = JSON.stringify({ owner, ...none, ...more });
    hear(
      createEnvelope({ token: isSigned ? token : undefined, clock }).seal({
        kind: 'report',
        from: owner,
        topic: 'producer',
        body,
      }),
    );
    clock.advance(2_000);
    return aside;
  };
  return { clock, close, report };
};

describe('what producers report', () => {
  it('[G400] leaders name the channels on which they cannot publish; a leader of another part adds its own', async () => {
    const { report, clock, close } = await open();
    expect(report('standby', { isLeading: false, setAside: ['a'] })).toEqual(['nothing heard']);
    expect(report('leader', { setAside: ['b'] })).toEqual(['b']);
    expect(report('another', { setAside: ['c'] })).toEqual(['b', 'c']);
    expect(report('leader', { setAside: [] })).toEqual(['c']);
    // One of a version that does not report them.
    expect(report('another', {})).toEqual([]);
    expect(report('another', { setAside: ['c'] })).toEqual(['c']);
    clock.advance(60_000);
    expect(report('standby', { isLeading: false })).toEqual(['c']);
    expect(report('standby', { isLeading: true })).toEqual([]);
    close();
  });

  it('[G400] beside a leader that signs, one that does not has no effect', async () => {
    const { report } = await open();
    expect(report('unsigned', { setAside: ['a'] }, false)).toEqual(['a']);
    expect(report('signed', { setAside: ['b'] })).toEqual(['b']);
    expect(report('unsigned', { setAside: ['a'] }, false)).toEqual(['b']);
  });
});
