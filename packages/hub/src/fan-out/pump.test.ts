import { afterEach, describe, expect, test } from '@jest/globals';
import type { Session } from '../index.js';
import { type Client, createRig, ownLine, type Rig, range, turns, until } from '../testing/index.js';
import type { Cohort } from './cohort.js';
import { visitsPerTurn } from './pump.js';
import { StreamLog } from './stream-log.js';

let rig: Rig;
afterEach(() => rig.close());

const crowd = async (count: number): Promise<Client[]> => {
  const clients = range(1, count).map(() => rig.connect());
  await Promise.all(clients.map((client) => rig.follow(client, 'a')));
  await turns();
  return clients;
};

/** Counts the writes in each turn of the event loop until there are no more. */
const writesPerTurn = async (): Promise<number[]> => {
  const counts: number[] = [];
  let before = rig.hub.counters.writes;
  for (let idle = 0; idle < 3; ) {
    await turns(1);
    const { writes } = rig.hub.counters;
    if (writes > before) counts.push(writes - before);
    idle = writes > before ? 0 : idle + 1;
    before = writes;
  }
  return counts;
};

const leave = (session: Session | undefined): void => session?.disconnected();

describe('pump', () => {
  test('[B4] a broadcast visits at most 16 sessions a turn', async () => {
    rig = createRig();
    await crowd(300);
    rig.source.publish('a');
    const counts = await writesPerTurn();
    expect(Math.max(...counts)).toBeLessThanOrEqual(visitsPerTurn);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(300);
  });

  test('[B4] answers to many sessions at once visit at most 16 a turn as well', async () => {
    rig = createRig();
    const clients = await crowd(300);
    for (const { session } of clients) session.send(ownLine('answer'));
    const counts = await writesPerTurn();
    expect(Math.max(...counts)).toBeLessThanOrEqual(visitsPerTurn);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(300);
  });

  test('[B4] endless answers do not keep a broadcast waiting, nor the other way round', async () => {
    rig = createRig();
    const clients = await crowd(200);
    const chatty = range(1, 200).map(() => rig.connect());
    rig.source.publish('a');
    for (let i = 0; i < 80; i += 1) {
      for (const { session } of chatty) session.send(ownLine('x'));
      await turns(1);
    }
    expect(clients.every((client) => client.seqs('a').length === 1)).toBe(true);
    for (let i = 0; i < 80; i += 1) {
      rig.source.publish('a');
      await turns(1);
    }
    expect(chatty.every((client) => client.of('own').length === 80)).toBe(true);
  });

  test('[B5] a publication during a pass reaches the sessions not visited yet in the same write', async () => {
    rig = createRig();
    const clients = await crowd(150);
    rig.source.publish('a');
    await until('the first write', () => rig.hub.counters.writes > 0);
    rig.source.publish('a');
    await turns(80);
    const writes = clients.map(({ transport }) => transport.writes.length);
    expect(Math.max(...writes)).toBe(2);
    expect(writes.filter((count) => count === 1).length).toBeGreaterThan(0);
    for (const client of clients) expect(client.seqs('a')).toEqual([1, 2]);
  });

  test('[B5] nobody is skipped when others leave in the middle of a pass', async () => {
    rig = createRig();
    const clients = await crowd(200);
    rig.source.publish('a');
    await until('the first write', () => rig.hub.counters.writes > 0);
    const visited = clients.findIndex(({ transport }) => transport.writes.length > 0);
    const waiting = clients.findIndex(({ transport }) => transport.writes.length === 0);
    for (const at of [visited, visited + 1, waiting, waiting + 1, 199]) leave(clients[at]?.session);
    await turns(80);
    for (const client of clients) {
      if (!client.session.isClosed) expect(client.seqs('a')).toEqual([1]);
    }
  });

  test('[B5] sessions that leave by their own write do not push others out of the pass', async () => {
    rig = createRig();
    const clients = await crowd(200);
    for (const [index, client] of clients.entries()) {
      if (index % 3 === 0) client.transport.onWrite = () => leave(clients[(index * 7) % 200]?.session);
    }
    rig.source.publish('a');
    await turns(80);
    for (const client of clients) {
      if (!client.session.isClosed) expect(client.seqs('a')).toEqual([1]);
    }
  });

  test('[B5] a session that changes what it follows in the middle of a pass gets what it was owed', async () => {
    rig = createRig();
    const clients = await crowd(200);
    rig.source.publish('a');
    await until('the first write', () => rig.hub.counters.writes > 0);
    for (const { session } of clients) rig.hub.unsubscribe(session, 'a');
    rig.source.publish('a');
    await turns(80);
    for (const client of clients) expect(client.seqs('a')).toEqual([1]);
  });

  test('[B150] long frames are written a MiB a turn, and others do not wait until all have theirs', async () => {
    rig = createRig({ maxOutboxBytes: 8_388_608 });
    const heavy = range(1, 60).map(() => rig.connect());
    await Promise.all(heavy.map((client) => rig.follow(client, 'big')));
    const others = await crowd(40);
    rig.source.publish('big', { text: 'x'.repeat(400_000) });
    await until('the first write', () => rig.hub.counters.writes > 0);
    const perTurn: number[] = [];
    const done = (): number => heavy.filter((client) => client.transport.writes.length > 0).length;
    for (let round = 1; round <= 2; round += 1) {
      rig.source.publish('a');
      for (let count = 0; count < 6; count += 1) {
        const before = rig.hub.counters.bytes;
        await turns(1);
        perTurn.push(rig.hub.counters.bytes - before);
      }
      for (const client of others) expect(client.seqs('a')).toEqual(range(1, round));
      expect(done()).toBeLessThan(60);
    }
    // A further one of the same channel puts nobody back into the pass.
    rig.source.publish('big');
    await until('all', () => heavy.every((client) => client.seqs('big').length === 2));
    for (const client of heavy) expect(client.seqs('big')).toEqual([1, 2]);
    expect(Math.max(...perTurn)).toBeLessThan(1_048_576 + 2 * 400_100);
  });

  test('[B150] [B20] a long frame that everybody has is freed though nothing follows it', async () => {
    rig = createRig();
    const clients = await crowd(40);
    rig.source.publish('a', { text: 'x'.repeat(1_000_000) });
    await until('all', () => clients.every((client) => client.seqs('a').length === 1));
    await turns(2);
    const [stream] = clients[0]?.session.streams ?? [];
    const [log] = [...(stream?.followers ?? [])].filter((follower) => follower instanceof StreamLog);
    const bytes = [...((log as StreamLog<Cohort> | undefined)?.cohorts ?? [])].map((cohort) => cohort.log.bytes);
    expect(bytes).toEqual([0]);
  });

  const nextTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

  test('[B110] a publication that finds the hub at rest is written before the event loop goes on, with what came with it', async () => {
    rig = createRig();
    const clients = await crowd(visitsPerTurn);
    rig.clock.ms += 5;
    rig.source.publish('a');
    rig.source.publish('a');
    await nextTick();
    for (const client of clients) expect(client.seqs('a')).toEqual([1, 2]);
    expect(clients[0]?.transport.writes.length).toBe(1);
    rig.clock.ms += 4;
    rig.source.publish('a');
    await nextTick();
    expect(clients[0]?.seqs('a')).toEqual([1, 2]);
    await turns(2);
    expect(clients[0]?.seqs('a')).toEqual([1, 2, 3]);
  });

  test('[B110] more sessions than a turn visits wait for the event loop', async () => {
    rig = createRig();
    const clients = await crowd(visitsPerTurn + 1);
    rig.clock.ms += 5;
    rig.source.publish('a');
    await nextTick();
    expect(clients.flatMap((client) => client.seqs('a'))).toEqual([]);
    await turns(3);
    expect(clients.flatMap((client) => client.seqs('a')).length).toBe(visitsPerTurn + 1);
  });

  test('[B110] nothing is written after the hub was closed in the same turn', async () => {
    rig = createRig();
    const [client] = await crowd(1);
    rig.clock.ms += 5;
    rig.source.publish('a');
    await rig.hub.close();
    await nextTick();
    expect(client?.seqs('a')).toEqual([1]);
  });

  test('[B6] passes begin at least minPassMs apart, and publications in between leave in one write', async () => {
    rig = createRig({ minPassMs: 40 });
    const [client] = await crowd(1);
    rig.source.publish('a');
    await until('the first', () => client?.seqs('a').length === 1);
    rig.source.publish('a');
    await turns();
    rig.source.publish('a');
    await turns();
    expect(client?.seqs('a')).toEqual([1]);
    rig.clock.ms += 40;
    await until('the rest', () => client?.seqs('a').length === 3);
    expect(client?.transport.writes.length).toBe(2);
  });

  test('[B6] answers do not wait for the next pass', async () => {
    rig = createRig({ minPassMs: 60_000 });
    const [client] = await crowd(1);
    rig.source.publish('a');
    await until('the first', () => client?.seqs('a').length === 1);
    rig.source.publish('a');
    client?.session.send(ownLine('answer'));
    await turns();
    expect(client?.transport.lines().map(({ kind }) => kind)).toEqual(['publication', 'publication', 'own']);
  });
});
