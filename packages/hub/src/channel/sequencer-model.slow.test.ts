import { describe, expect, test } from '@jest/globals';
import type { HistoryRange, Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';
import { rounds, testSeed } from '../../../../tests/support/depth.js';
import { createCounters } from '../counters.js';
import { createRandom, type Random, turns, until } from '../testing/index.js';
import { createSequencer } from './sequencer.js';

type Event = { readonly lost: { readonly after: Position | undefined; readonly resumed: Position } } | Position;

/** One writer, its history, and a link that loses, repeats and delays messages, with the sequencer at the other end. */
const createWorld = (random: Random) => {
  const counters = createCounters();
  const events: Event[] = [];
  const link: Message[] = [];
  let epoch = 1;
  let seq = 0;
  let isKnown = false;
  let history: Message[] = [];
  let isCalm = false;

  const top = (): Position | null => (isKnown ? { epoch: `e${epoch}`, seq } : null);

  const read = async (afterSeq: number, limit: number): Promise<HistoryRange> => {
    await turns(random.below(3));
    if (!isCalm && random.chance(0.02)) throw new Error('out of reach');
    const messages = history.filter((message) => Number(message['seq']) > afterSeq).slice(0, Math.min(limit, 40));
    const answer = { group: 'a', position: top(), messages };
    await turns(random.below(3));
    return answer;
  };

  const sequencer = createSequencer({
    channel: 'a',
    counters,
    read,
    onPublication: ({ position }) => position && events.push(position),
    onNotice: (notice) => notice.kind === 'lost' && events.push({ lost: notice }),
    now: () => 0,
  });

  const publish = (): void => {
    seq += 1;
    isKnown = true;
    const message = { type: 'test', seq, epoch: `e${epoch}` };
    history.push(message);
    if (isCalm || !random.chance(0.15)) link.push(message);
    if (!isCalm && random.chance(0.1)) link.push(message);
  };

  return {
    events,
    sequencer,
    publish,
    top,
    read,
    deliver(count: number) {
      for (const message of link.splice(0, count)) sequencer.accept(message);
    },
    trim() {
      history = history.slice(-random.below(30));
    },
    newEpoch() {
      epoch += 1;
      seq = 0;
      history = [];
      isKnown = false;
    },
    calm() {
      isCalm = true;
    },
    waiting: () => link.length,
  };
};

const isAfter = (later: Position, earlier: Position): boolean =>
  Number(later.epoch.slice(1)) > Number(earlier.epoch.slice(1)) ||
  (later.epoch === earlier.epoch && later.seq > earlier.seq);

/** The events are contiguous, or jump exactly where and as far as a notice said; never back, never twice. */
const check = (events: readonly Event[], from: Position | undefined): Position | undefined => {
  let last = from;
  let resumed: Position | undefined;
  for (const event of events) {
    if ('lost' in event) {
      const { lost } = event;
      if (resumed === undefined) expect(lost.after).toEqual(last);
      if (last !== undefined) expect({ lost, isAhead: isAfter(lost.resumed, last) }).toEqual({ lost, isAhead: true });
      resumed = lost.resumed;
      continue;
    }
    const expected = resumed ?? (last === undefined ? { ...event, seq: 1 } : { epoch: last.epoch, seq: last.seq + 1 });
    expect(event).toEqual(expected);
    last = event;
    resumed = undefined;
  }
  return resumed === undefined ? last : { ...resumed, seq: resumed.seq - 1 };
};

const run = async (seed: number, forgets: boolean): Promise<void> => {
  const random = createRandom(seed);
  const world = createWorld(random);
  const before = random.below(20);
  for (let i = 0; i < before; i += 1) world.publish();
  world.sequencer.start({ group: 'a', position: world.top(), messages: [] });
  const from = world.sequencer.position;

  for (let step = 0; step < 400; step += 1) {
    if (random.chance(0.6)) world.publish();
    if (random.chance(0.5)) world.deliver(1 + random.below(4));
    if (forgets && random.chance(0.01)) world.trim();
    if (forgets && random.chance(0.004)) world.newEpoch();
    if (random.chance(0.02)) void world.sequencer.catchUp();
    if (random.chance(0.1)) await turns(1);
  }

  world.calm();
  world.deliver(world.waiting());
  world.publish();
  world.deliver(1);
  await world.sequencer.catchUp();
  await until('the end', () => world.sequencer.position?.seq === world.top()?.seq);
  expect(check(world.events, from)).toEqual(world.top());
  if (!forgets) expect(world.events.filter((event) => 'lost' in event)).toEqual([]);
  world.sequencer.close();
};

describe('sequencer over a lossy link', () => {
  const runMany = async (forgets: boolean): Promise<void> => {
    for (let seed = testSeed; seed < testSeed + rounds(40); seed += 1) {
      try {
        await run(seed, forgets);
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      }
    }
  };

  test(`[B51] a history that forgets nothing repairs everything (seeds from ${testSeed})`, () => runMany(false));

  test(`[B52] every follower gets all in order, or is notified exactly of what is lost (seeds from ${testSeed})`, () =>
    runMany(true));
});
