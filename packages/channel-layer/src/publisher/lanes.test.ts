import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { createLanes, LaneFull, LaneLate } from './lanes.js';

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

const setUp = (maxWaitingBytes = 1_000_000) => {
  const clock = createManualClock();
  const done: string[] = [];
  const room: string[] = [];
  let isAway = false;
  const lanes = createLanes({
    waitMs: 1_000,
    maxWaitingBytes,
    retryMs: 100,
    clock,
    mayRepeat: (_, { isRepeatable }) => isRepeatable,
    onFull: (waiting, waitingBytes) => room.push(`full: ${waiting}, ${waitingBytes} bytes`),
    onRoom: (rejected) => room.push(`room: ${rejected} rejected`),
  });
  const run = (lane: string, name: string, isRepeatable = true): Promise<string> =>
    lanes.run({ lane, sizeBytes: 44, isRepeatable }, async () => {
      if (isAway) throw new Error('away');
      done.push(name);
      return name;
    });
  return {
    clock,
    lanes,
    done,
    room,
    run,
    setAway(away: boolean) {
      isAway = away;
    },
  };
};

describe('lanes of a publisher', () => {
  it('[L203] what fails is repeated in order until it works; other lanes do not wait', async () => {
    const { clock, lanes, done, run, setAway } = setUp();
    setAway(true);
    const waiting = [run('a', 'a1'), run('a', 'a2')];
    await turns();
    expect([done, lanes.waiting]).toEqual([[], 2]);
    setAway(false);
    expect(await run('b', 'b1')).toBe('b1');
    clock.advance(100);
    expect(await Promise.all(waiting)).toEqual(['a1', 'a2']);
    expect(done).toEqual(['b1', 'a1', 'a2']);
    expect([lanes.waiting, lanes.waitingBytes, lanes.repeats]).toEqual([0, 0, 1]);
  });

  it('[L203] what waited for too long fails as its last attempt did', async () => {
    const { clock, done, run, setAway } = setUp();
    setAway(true);
    const results = Promise.allSettled([run('a', 'a1'), run('a', 'a2')]);
    for (let step = 0; step < 11; step += 1) {
      await turns();
      clock.advance(100);
    }
    expect(await results).toEqual([
      { status: 'rejected', reason: new Error('away') },
      { status: 'rejected', reason: new Error('away') },
    ]);
    setAway(false);
    expect(await run('a', 'a3')).toBe('a3');
    expect(done).toEqual(['a3']);
  });

  it('[L203] what had no turn in time because of what was before it fails without an attempt', async () => {
    const { clock, lanes, done, run } = setUp();
    let answer = (): void => {};
    const slow = lanes.run({ lane: 'a', sizeBytes: 1, isRepeatable: true }, () => {
      return new Promise<void>((resolve) => {
        answer = resolve;
      });
    });
    const late = expect(run('a', 'a2')).rejects.toBeInstanceOf(LaneLate);
    await turns();
    clock.advance(1_000);
    answer();
    await Promise.all([slow, late]);
    expect(done).toEqual([]);
  });

  it('[L203] what may not be repeated fails at once', async () => {
    const { done, run, setAway } = setUp();
    setAway(true);
    await expect(run('a', 'a1', false)).rejects.toThrow('away');
    expect(done).toEqual([]);
  });

  it('[L204] beyond the bound nothing is taken, and it is free again afterwards', async () => {
    const { clock, lanes, run, setAway } = setUp(600);
    setAway(true);
    const waiting = [run('a', 'a1'), run('b', 'b1')];
    await expect(run('c', 'c1')).rejects.toBeInstanceOf(LaneFull);
    await turns();
    setAway(false);
    clock.advance(100);
    await Promise.all(waiting);
    await lanes.drained();
    expect(await run('c', 'c2')).toBe('c2');
  });

  it('[L265] a lack of room is reported once, and so is its end, with the number of what found none', async () => {
    const { clock, lanes, run, room, setAway } = setUp(600);
    setAway(true);
    const waiting = [run('a', 'a1'), run('b', 'b1')];
    for (const name of ['c1', 'c2', 'c3']) await expect(run('c', name)).rejects.toBeInstanceOf(LaneFull);
    expect(room).toEqual(['full: 2, 600 bytes']);
    await turns();
    setAway(false);
    clock.advance(100);
    await Promise.all(waiting);
    await lanes.drained();
    await run('c', 'c4');
    expect(room).toEqual(['full: 2, 600 bytes', 'room: 3 rejected']);
  });
});
