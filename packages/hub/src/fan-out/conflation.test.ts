import { afterEach, describe, expect, jest, test } from '@jest/globals';
import {
  batchLineFormat,
  type Client,
  createRig,
  lineFormat,
  ownLine,
  type Rig,
  range,
  turns,
  until,
} from '../testing/index.js';
import { advance, stillTimers } from '../testing/still-timers.js';
import type { Cohort } from './cohort.js';
import { StreamLog } from './stream-log.js';
import type { WireFormat } from './wire-format.js';

let rig: Rig;
afterEach(async () => {
  jest.useRealTimers();
  await rig.close();
});

const maxOutboxBytes = 16_384;

/** A client whose socket is full and that was published to until it was conflated. */
const conflated = async (format: WireFormat = lineFormat, channels = ['a', 'b']): Promise<Client> => {
  rig = createRig({ maxOutboxBytes, slowDeadlineMs: 30_000, keepUpMs: 1_000 });
  const client = rig.connect(format);
  for (const channel of channels) await rig.follow(client, channel);
  client.transport.block();
  rig.source.publish('a');
  await turns();
  for (let i = 0; !client.session.isConflated; i += 1) {
    rig.source.publish(channels[i % channels.length] ?? 'a');
    if (i % 10 === 0) await turns(2);
  }
  return client;
};

/** Delivered and skipped items of a channel add up to all that was published, without a hole between. */
const expectAccounted = (client: Client, channel: string): void => {
  let last = 0;
  for (const line of client.of('publication')) {
    if (line.channel !== channel) continue;
    expect([channel, line.position?.seq]).toEqual([channel, last + line.skipped + 1]);
    last = line.position?.seq ?? 0;
  }
  expect([channel, last]).toEqual([channel, rig.source.position(channel)?.seq]);
};

describe.each([lineFormat, batchLineFormat])('conflation in $name', (format) => {
  test('[B21] a session that falls behind gets the newest of each channel and the number skipped, in one write', async () => {
    const client = await conflated(format);
    for (let i = 0; i < 100; i += 1) rig.source.publish('b');
    client.transport.clear();
    client.unblock();
    expect(client.transport.writes.length).toBe(1);
    const lines = client.of('publication');
    expect(lines.map(({ channel, position }) => [channel, position?.seq])).toEqual([
      ['a', rig.source.position('a')?.seq],
      ['b', rig.source.position('b')?.seq],
    ]);
    expect(lines[0]?.skipped).toBe((rig.source.position('a')?.seq ?? 0) - 2);
    expect(lines[1]?.skipped).toBe((rig.source.position('b')?.seq ?? 0) - 1);
  });

  test('[B100] where its clients asked for it, a number of skipped items comes with the age of the newest', async () => {
    const reported: (number | undefined)[][] = [];
    const agedFormat: WireFormat = {
      ...format,
      showsAge: true,
      codec: {
        ...format.codec,
        encodePublication(publication, skipped, waitedMs) {
          if (skipped > 0) reported.push([skipped, waitedMs]);
          return format.codec.encodePublication(publication, skipped, waitedMs);
        },
      },
    };
    for (const each of [format, agedFormat]) {
      const client = await conflated(each, ['a']);
      const { seq = 0 } = rig.source.position('a') ?? {};
      rig.clock.ms += 1_234;
      client.unblock();
      expect(client.seqs('a').at(-1)).toBe(seq);
      await rig.close();
    }
    expect(reported.map(([, waitedMs]) => waitedMs)).toEqual([1_234]);
  });

  test('[B22] delivered and skipped items add up to all that was published', async () => {
    const client = await conflated(format);
    for (let round = 0; round < 20; round += 1) {
      for (let i = 0; i < 30; i += 1) rig.source.publish(i % 3 === 0 ? 'a' : 'b');
      if (round % 3 === 0) client.unblock();
      await turns(3);
      if (round % 3 === 1) client.transport.block();
      rig.clock.ms += 400;
    }
    client.unblock();
    await turns();
    expectAccounted(client, 'a');
    expectAccounted(client, 'b');
    expect(rig.hub.counters.conflated).toBeGreaterThan(0);
  });

  test('[B23] after keepUpMs without a full socket it gets every publication again, without a hole', async () => {
    const client = await conflated(format);
    client.unblock();
    rig.source.publish('a');
    rig.source.publish('a');
    await turns();
    expect(client.session.isConflated).toBe(true);
    expect(client.of('publication').at(-1)?.skipped).toBe(1);
    rig.clock.ms += 1_000;
    rig.source.publish('b');
    await turns();
    expect(client.session.isConflated).toBe(false);
    client.transport.clear();
    const before = rig.source.position('a')?.seq ?? 0;
    for (let i = 0; i < 5; i += 1) rig.source.publish('a');
    await turns();
    expect(client.seqs('a')).toEqual(range(before + 1, before + 5));
  });

  test('[B24] a notice reaches a conflated session once, behind earlier publications', async () => {
    const client = await conflated(format);
    rig.source.publish('b');
    rig.source.disconnect();
    client.unblock();
    await turns();
    const kinds = client.transport.lines().slice(-4);
    expect(kinds.map((line) => [line.kind, 'channel' in line && line.channel])).toEqual([
      ['publication', 'a'],
      ['stale', 'a'],
      ['publication', 'b'],
      ['stale', 'b'],
    ]);
    expectAccounted(client, 'a');
    expectAccounted(client, 'b');
  });

  test('[B24] a notice among the items a session gives up is kept, once, in its place', async () => {
    rig = createRig({ maxOutboxBytes });
    const client = rig.connect(format);
    await rig.follow(client, 'a');
    await rig.follow(client, 'b');
    client.transport.block();
    rig.source.publish('a');
    await turns();
    for (let i = 0; i < 5; i += 1) rig.source.publish('a');
    await turns();
    rig.source.disconnect();
    rig.source.reconnect();
    await turns();
    while (!client.session.isConflated) {
      rig.source.publish('b');
      await turns(1);
    }
    client.unblock();
    const seen = client.transport
      .lines()
      .flatMap((line) => ('channel' in line ? [`${line.kind} ${line.channel}`] : []));
    expect(seen).toEqual(['publication a', 'publication a', 'stale a', 'stale b', 'live a', 'live b', 'publication b']);
    expectAccounted(client, 'a');
    expectAccounted(client, 'b');
  });

  test('[B24] a notice that a session gets while it comes to keep up again is delivered once', async () => {
    rig = createRig({ maxOutboxBytes: 100, keepUpMs: 1_000 });
    const client = rig.connect(format);
    await rig.follow(client, 'a');
    client.transport.block();
    for (let i = 0; i < 5; i += 1) rig.source.publish('a');
    await turns();
    client.unblock();
    await turns();
    expect(client.session.isConflated).toBe(true);
    rig.clock.ms += 1_000;
    // It has no room left for the notice, so it is written to first.
    client.session.send(ownLine('x'.repeat(80)));
    rig.source.disconnect();
    await turns();
    expect(client.session.isConflated).toBe(false);
    expect(client.of('stale').length).toBe(1);
  });

  test('[B24] a notice that itself fills the outbox is delivered once', async () => {
    rig = createRig({ maxOutboxBytes });
    const client = rig.connect(format);
    await rig.follow(client, 'a');
    client.transport.block();
    rig.source.publish('a');
    await turns();
    const noticeCount = () => client.of('stale').length;
    for (let i = 0; i < 2_000 && !client.session.isConflated; i += 1) {
      rig.source.disconnect();
      // One more would close it: its outbox is full of notices.
      if (client.session.isConflated) break;
      rig.source.reconnect();
      await turns(2);
    }
    expect(client.session.isConflated).toBe(true);
    const { slowSessions } = rig.hub.counters;
    expect(slowSessions).toBe(1);
    client.unblock();
    rig.source.reconnect();
    await turns();
    expect(noticeCount()).toBe(client.of('live').length);
  });

  test('[B25] a slow session does not affect the others', async () => {
    const client = await conflated(format);
    const other = rig.connect(format);
    await rig.follow(other, 'a', { last: 0 });
    await rig.follow(other, 'b', { last: 0 });
    const from = rig.source.position('a')?.seq ?? 0;
    for (let i = 0; i < 300; i += 1) {
      rig.source.publish('a');
      await turns(1);
    }
    await turns();
    expect(other.seqs('a')).toEqual(range(from + 1, from + 300));
    expect(other.session.isConflated).toBe(false);
    expect(client.transport.wrongWrites).toBe(0);
  });

  test('[B26] when an item cannot be encoded, its skipped number is added to the next one', async () => {
    const picky: WireFormat = {
      ...format,
      name: 'picky',
      codec: {
        ...format.codec,
        encodePublication: (publication, skipped) => {
          if (publication.message['isBad'] === true) throw new TypeError('no such thing in this format');
          return format.codec.encodePublication(publication, skipped);
        },
      },
    };
    const client = await conflated(picky, ['a']);
    rig.source.publish('a', { isBad: true });
    client.unblock();
    await turns();
    rig.source.publish('a');
    await turns();
    expectAccounted(client, 'a');
  });

  test('[B27] subscribing again while conflated does not repeat the snapshot', async () => {
    const client = await conflated(format, ['a']);
    client.unblock();
    await turns();
    client.transport.clear();
    for (let i = 0; i < 3; i += 1) rig.source.publish('a');
    await rig.follow(client, 'a');
    await turns();
    expect(client.session.isConflated).toBe(true);
    expect(client.seqs('a')).toEqual([rig.source.position('a')?.seq]);
  });

  test('[B27] a change of channels does not hold back the newest items of those kept', async () => {
    const client = await conflated(format);
    client.unblock();
    await turns();
    rig.source.publish('a');
    rig.hub.unsubscribe(client.session, 'b');
    await turns();
    expect(client.seqs('a').at(-1)).toBe(rig.source.position('a')?.seq);
  });
});

describe('the end of slow sessions', () => {
  test('[B28] a session is closed as slow when its socket accepted nothing for slowDeadlineMs, not before', async () => {
    stillTimers();
    const client = await conflated();
    rig.clock.ms += 29_999;
    await advance(2_000);
    expect(client.transport.closed).toBeUndefined();
    rig.clock.ms += 1;
    await advance(1_000);
    expect(client.transport.closed).toEqual({ reason: 'slow' });
    expect(rig.hub.counters.slowClosed).toBe(1);
  });

  test('[B28] a socket that drains in time restarts the deadline', async () => {
    stillTimers();
    const client = await conflated();
    for (let i = 0; i < 3; i += 1) {
      rig.clock.ms += 29_000;
      client.unblock();
      await turns();
      client.transport.block();
      rig.source.publish('a');
      await turns();
      await advance(2_000);
    }
    expect(client.transport.closed).toBeUndefined();
  });

  test('[B29] a client that makes requests and does not read the answers is closed as slow at maxOutboxBytes', async () => {
    rig = createRig({ maxOutboxBytes });
    const client = rig.connect();
    client.transport.block();
    const answer = ownLine('x'.repeat(1_000));
    let sent = 0;
    for (; client.transport.closed === undefined && sent < 1_000; sent += 1) {
      client.session.send(answer);
      if (sent === 0) await turns();
      expect(client.session.outboxBytes).toBeLessThanOrEqual(maxOutboxBytes);
    }
    expect(sent).toBeGreaterThan(10);
    expect(client.transport.closed).toEqual({ reason: 'slow' });
  });

  test('[B29] large answers to a client that reads are written and do not close it', async () => {
    rig = createRig({ maxOutboxBytes });
    const client = rig.connect();
    for (let i = 0; i < 10; i += 1) client.session.send(ownLine(String(i).repeat(10_000)));
    await turns();
    expect(client.of('own').length).toBe(10);
    client.session.send(ownLine('y'.repeat(100_000)));
    await turns();
    expect(client.of('own').length).toBe(11);
    expect(client.transport.closed).toBeUndefined();
  });
});

describe('bounded memory', () => {
  test('[B24] a notice comes before newer items if the visit that writes them finds the outbox too full', async () => {
    rig = createRig({ maxOutboxBytes });
    const client = rig.connect();
    await rig.follow(client, 'a');
    client.transport.block();
    rig.source.publish('a');
    await turns();
    rig.source.disconnect();
    rig.source.reconnect();
    await turns();
    while (client.session.outboxBytes < maxOutboxBytes - 300) {
      rig.source.publish('a');
      await turns(3);
    }
    expect(client.session.isConflated).toBe(false);
    for (let i = 0; i < 10; i += 1) rig.source.publish('a');
    client.unblock();
    await turns();
    expect(client.transport.lines().map(({ kind }) => kind)).toEqual(['publication', 'stale', 'live', 'publication']);
    expectAccounted(client, 'a');
  });

  test('[B20] a small outbox bound is kept', async () => {
    rig = createRig({ maxOutboxBytes: 100 });
    const client = rig.connect();
    await rig.follow(client, 'a');
    for (let i = 0; i < 50; i += 1) rig.source.publish('a');
    await turns();
    expect(client.seqs('a').at(-1)).toBe(50);
    expectAccounted(client, 'a');
  });

  test('[B20] changing channels does not let a blocked session exceed the bound', async () => {
    rig = createRig({ maxOutboxBytes });
    const client = rig.connect();
    await rig.follow(client, 'a');
    const streams = client.session.streams;
    client.transport.block();
    rig.source.publish('a');
    await turns();
    for (let i = 0; i < 200; i += 1) {
      for (let k = 0; k < 20; k += 1) rig.source.publish('a');
      client.session.follow([]);
      client.session.follow(streams);
      expect(client.session.outboxBytes).toBeLessThanOrEqual(2 * maxOutboxBytes);
    }
  });

  test('[B20] a batch that no visit has sealed is bounded as well', async () => {
    rig = createRig({ maxOutboxBytes, minPassMs: 1_000_000 });
    const client = rig.connect(batchLineFormat);
    await rig.follow(client, 'a');
    rig.source.publish('a');
    await until('the first pass', () => client.seqs('a').length === 1);
    for (let i = 0; i < 2_000; i += 1) {
      rig.source.publish('a');
      if (i % 100 === 0) await turns(1);
    }
    expect(client.session.isConflated).toBe(true);
    rig.clock.ms += 2_000_000;
    client.session.flush();
    expectAccounted(client, 'a');
  });

  test('[B20] a conflated session does not hold back the log', async () => {
    const client = await conflated(lineFormat, ['a']);
    const other = rig.connect();
    await rig.follow(other, 'a', { last: 0 });
    for (let i = 0; i < 50; i += 1) {
      rig.source.publish('a');
      await turns(2);
    }
    const [stream] = other.session.streams;
    const [log] = [...(stream?.followers ?? [])].filter((follower) => follower instanceof StreamLog);
    const [cohort] = (log as StreamLog<Cohort> | undefined)?.cohorts ?? [];
    expect(client.session.isConflated).toBe(true);
    expect(cohort?.log.bytes).toBeLessThan(maxOutboxBytes / 2);
  });
});
