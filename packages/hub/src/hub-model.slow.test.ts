import { describe, expect, test } from '@jest/globals';
import type { Position } from '@tickwire/protocol';
import { rounds, testSeed } from '../../../tests/support/depth.js';
import {
  batchLineFormat,
  type Client,
  createRandom,
  createRig,
  lineFormat,
  type Random,
  type Rig,
  range,
  turns,
  until,
} from './testing/index.js';

const sessionCount = 50;
const channels = range(1, 20).map((i) => `c${i}`);

/** The state of one client's reading of one channel, from a snapshot to the end of the subscription. */
interface Reading {
  /** The publication or snapshot read last; undefined for an empty channel. */
  last: Position | undefined;
  /** Publications reported as lost since then; undefined after a change of epoch, when the number is unknown. */
  lost: number | undefined;
  readonly intervalMs: number | undefined;
}

type Read =
  | {
      readonly kind: 'begin';
      readonly channel: string;
      readonly position: Position | undefined;
      readonly intervalMs: number | undefined;
    }
  | { readonly kind: 'end' | 'stale' | 'live'; readonly channel: string }
  | { readonly kind: 'lost'; readonly channel: string; readonly after?: Position; readonly resumed: Position }
  | {
      readonly kind: 'publication';
      readonly channel: string;
      readonly position: Position | undefined;
      readonly skipped: number;
    };

interface Actor {
  readonly client: Client;
  /** Channels whose last subscription succeeded and has not been ended. */
  readonly followed: Set<string>;
  readonly busy: Set<string>;
  readonly readings: Map<string, Reading>;
  /** Number of writes checked so far. */
  judged: number;
}

/** A frame that marks where a subscription begins or ends, so that the bytes read can be checked on their own. */
const mark = (line: Read): Uint8Array => Buffer.from(`${JSON.stringify(line)}\n`);

const seqOf = (position: Position | undefined): number => position?.seq ?? 0;

/**
 * Checks everything a client read: contiguous from its snapshot on, or with a jump of exactly what was reported lost.
 */
const judge = (actor: Actor): void => {
  const { writes } = actor.client.transport;
  for (; actor.judged < writes.length; actor.judged += 1) {
    for (const part of Buffer.from(writes[actor.judged] ?? [])
      .toString()
      .split('\n')) {
      if (part !== '' && part !== '[' && part !== ']') judgeLine(actor.readings, JSON.parse(part));
    }
  }
};

const judgeLine = (readings: Map<string, Reading>, line: Read): void => {
  if (line.kind === 'begin') {
    readings.set(line.channel, { last: line.position, lost: 0, intervalMs: line.intervalMs });
    return;
  }
  if (line.kind === 'end') {
    readings.delete(line.channel);
    return;
  }
  const reading = readings.get(line.channel);
  if (reading === undefined) throw new Error(`read without a subscription: ${JSON.stringify(line)}`);
  const { last } = reading;
  if (line.kind === 'lost') {
    const { after, resumed } = line;
    if (after?.epoch === last?.epoch && seqOf(after) < seqOf(last))
      throw new Error(`lost what was read: ${after?.seq}`);
    if (after !== undefined && after.epoch !== resumed.epoch) {
      reading.lost = undefined;
      reading.last = { ...resumed, seq: resumed.seq - 1 };
    } else if (reading.lost !== undefined) {
      reading.lost += resumed.seq - seqOf(after) - 1;
    }
  } else if (line.kind === 'publication') {
    const { position, skipped } = line;
    // Late, and of an epoch from before the channel was opened here: it has no place.
    if (position === undefined) return;
    const isExact = reading.intervalMs === undefined && reading.lost !== undefined;
    const next = seqOf(last) + 1 + (isExact ? skipped + (reading.lost ?? 0) : 0);
    const isRight = isExact ? position.seq === next : position.seq >= next;
    if (!isRight || (last !== undefined && last.epoch !== position.epoch)) {
      throw new Error(`after ${JSON.stringify(reading)}: ${JSON.stringify(line)}`);
    }
    reading.last = position;
    reading.lost = 0;
  }
};

const createActors = (rig: Rig, random: Random): Actor[] =>
  range(1, sessionCount).map(() => ({
    client: rig.connect(random.chance(0.3) ? batchLineFormat : lineFormat),
    followed: new Set(),
    busy: new Set(),
    readings: new Map(),
    judged: 0,
  }));

const subscribe = async (rig: Rig, actor: Actor, channel: string, intervalMs: number | undefined): Promise<void> => {
  const { session } = actor.client;
  actor.busy.add(channel);
  const options = { last: 3, ...(intervalMs !== undefined && { intervalMs }) };
  await rig.hub
    .join(session, new Map([[channel, options]]), (snapshots) => {
      const { publications = [], position } = snapshots.get(channel) ?? {};
      // Checked from the end of the snapshot on; the snapshot's own publications are checked here.
      const seqs = publications.map((publication) => seqOf(publication.position));
      expect(seqs).toEqual(range(seqOf(position) - seqs.length + 1, seqOf(position)));
      session.send(mark({ kind: 'begin', channel, position, intervalMs }));
      actor.followed.add(channel);
      return 'join';
    })
    .catch(() => undefined);
  actor.busy.delete(channel);
};

const act = (rig: Rig, random: Random, actor: Actor): void => {
  const { client } = actor;
  const channel = random.pick(channels);
  const what = random.next();
  if (client.session.isClosed || actor.busy.has(channel)) return;
  if (what < 0.35) {
    void subscribe(rig, actor, channel, random.chance(0.25) ? random.pick([20, 30]) : undefined);
  } else if (what < 0.5) {
    if (!rig.hub.unsubscribe(client.session, channel)) return;
    actor.followed.delete(channel);
    client.session.send(mark({ kind: 'end', channel }));
  } else if (what < 0.7) {
    client.transport.block();
  } else if (what < 0.97) {
    client.unblock();
  } else if (random.chance(0.2)) {
    client.session.disconnected();
  }
};

const run = async (seed: number): Promise<{ readonly conflated: number; readonly lost: number }> => {
  const random = createRandom(seed);
  const rig = createRig({
    maxOutboxBytes: 8_192,
    slowDeadlineMs: 1e12,
    keepUpMs: 50,
    groupLingerMs: 100,
    recentSize: 1 + random.below(40),
    fake: {
      delay: () => turns(random.below(3)),
      drops: () => random.chance(0.03),
      repeats: () => random.chance(0.03),
      historySize: 200,
    },
  });
  const actors = createActors(rig, random);

  for (let step = 0; step < 300; step += 1) {
    for (let i = random.below(12); i > 0; i -= 1) rig.source.publish(random.pick(channels));
    for (let i = random.below(20); i > 0; i -= 1) act(rig, random, random.pick(actors));
    if (random.chance(0.02)) for (let i = 0; i < 60; i += 1) rig.source.publish('c1');
    if (random.chance(0.01)) rig.source.trim(random.pick(channels), random.below(5));
    if (random.chance(0.003)) rig.source.reset(random.pick(channels));
    if (random.chance(0.01)) rig.source.failNext('read', 1);
    if (random.chance(0.01)) rig.source.disconnect();
    if (random.chance(0.03)) rig.source.reconnect();
    if (random.chance(0.05)) rig.clock.ms += 60;
    if (random.chance(0.4)) await turns(1);
  }

  // Calm: everybody reads, and the last publication of each channel must reach all its followers.
  rig.source.reconnect();
  for (const { client } of actors) client.unblock();
  await until('the last subscriptions', () => actors.every(({ busy }) => busy.size === 0));
  rig.clock.ms += 1_000;
  for (const channel of channels) rig.source.publish(channel);
  await Promise.all([...rig.hub.channels.values()].map((channel) => channel.catchUp()));

  const hasLastWord = (actor: Actor): boolean => {
    judge(actor);
    if (actor.client.session.isClosed) return true;
    return [...actor.followed].every((channel) => {
      const position = rig.source.position(channel);
      const last = actor.readings.get(channel)?.last;
      return last?.seq === position?.seq && last?.epoch === position?.epoch;
    });
  };
  await until('the last publications', () => actors.every(hasLastWord));
  for (const { client } of actors) expect(client.transport.wrongWrites).toBe(0);
  expect(actors.filter(({ client }) => !client.session.isClosed).length).toBeGreaterThan(sessionCount / 4);

  const { conflated, lost, unencodable } = rig.hub.counters;
  expect(unencodable).toBe(0);
  for (const { client } of actors) client.session.disconnected();
  for (const channel of rig.hub.channels.values()) {
    expect({ users: channel.users, isFollowed: channel.every.isFollowed }).toEqual({ users: 0, isFollowed: false });
  }
  await rig.close();
  for (const channel of channels) expect(rig.source.listeners(channel)).toBe(0);
  return { conflated, lost };
};

describe('the whole hub', () => {
  test(`[B1] [B22] [B30] 50 sessions, 20 channels, random events in any order (seeds from ${testSeed})`, async () => {
    let conflated = 0;
    for (let seed = testSeed; seed < testSeed + rounds(10); seed += 1) {
      try {
        conflated += (await run(seed)).conflated;
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      }
    }
    // Otherwise the run did not exercise what it is for.
    expect(conflated).toBeGreaterThan(0);
  });
});
