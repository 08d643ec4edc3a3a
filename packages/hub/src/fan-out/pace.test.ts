import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createRandom, createRig, lineFormat, ownLine, parseLines, type Rig, range, turns } from '../testing/index.js';
import type { Transport } from './outlet.js';
import { Pace } from './pace.js';
import type { Session } from './session.js';

interface Line {
  readonly bytesPerSecond: number;
  readonly rttMs: number;
  /** How long its client, which does other things as well, may take to answer. */
  readonly busyMs?: number;
  /** False for a client that does not support pings. */
  readonly answers?: boolean;
  /** What it carries from some moment on. */
  readonly slows?: { readonly atMs: number; readonly bytesPerSecond: number };
}

interface Arrival {
  readonly channel: string;
  readonly seq: number;
  readonly ageMs: number;
  readonly skipped: number;
}

/** A socket of any size before a line with this many bytes per second: its queue is unbounded, as a kernel's. */
const createLine = (clock: { readonly ms: number }, line: Line) => {
  const { bytesPerSecond, rttMs, busyMs = 0, answers = true, slows } = line;
  const random = createRandom(3);
  const queue: { readonly bytes: Uint8Array; readonly probe?: number }[] = [];
  const answersAt: { readonly atMs: number; readonly probe: number }[] = [];
  const arrivals: Arrival[] = [];
  let credit = 0;
  let probes = 0;
  let open: Session | undefined;
  const transport: Transport = {
    write(bytes, probe) {
      queue.push({ bytes });
      if (probe !== undefined) transport.probe?.(probe);
      return true;
    },
    probe(probe) {
      probes += 1;
      queue.push({ bytes: new Uint8Array(10), probe });
    },
    close: () => {},
  };

  const pass = (ms: number): void => {
    const rate = slows !== undefined && clock.ms >= slows.atMs ? slows.bytesPerSecond : bytesPerSecond;
    credit += (ms * rate) / 1_000;
    for (let first = queue[0]; first !== undefined && first.bytes.length <= credit; first = queue[0]) {
      queue.shift();
      credit -= first.bytes.length;
      if (first.probe === undefined) arrive(first.bytes);
      else if (answers) answersAt.push({ atMs: clock.ms + rttMs + random.next() * busyMs, probe: first.probe });
    }
    // An idle line does not save up what it could have carried.
    if (queue.length === 0) credit = 0;
    while ((answersAt[0]?.atMs ?? Number.POSITIVE_INFINITY) <= clock.ms) open?.answered(answersAt.shift()?.probe ?? 0);
  };

  const arrive = (bytes: Uint8Array): void => {
    for (const line of parseLines(bytes)) {
      if (line.kind !== 'publication') continue;
      const { channel, fields, position, skipped } = line;
      arrivals.push({ channel, seq: position?.seq ?? 0, ageMs: clock.ms - Number(fields['at']), skipped });
    }
  };

  return {
    transport,
    pass,
    arrivals,
    probes: () => probes,
    attach: (session: Session) => {
      open = session;
    },
  };
};

let rig: Rig;
afterEach(async () => {
  jest.useRealTimers();
  await rig.close();
});

interface Traffic {
  readonly perSecond?: number;
  readonly channels?: number;
  readonly seconds?: number;
  readonly maxStaleMs?: number;
  /** So many messages of each channel at once, as after an outage of Redis. */
  readonly burst?: { readonly atMs: number; readonly messages: number };
}

/** Publishes so many messages of some 300 bytes per second on several channels, for so long, over a line. */
const run = async (line: Line, traffic: Traffic = {}) => {
  const { perSecond = 100, channels = 4, seconds = 12, maxStaleMs = 2_000, burst } = traffic;
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] });
  rig = createRig({ maxStaleMs });
  const { clock } = rig;
  const names = Array.from({ length: channels }, (_, index) => `c${index}`);
  const link = createLine(clock, line);
  const session = rig.hub.openSession(link.transport, lineFormat);
  link.attach(session);
  await rig.hub.join(session, new Map(names.map((name) => [name, { last: 0 }])), () => 'join');
  const random = createRandom(7);
  const stepMs = 10;
  for (let ms = 0; ms < seconds * 1_000; ms += stepMs) {
    for (let left = (perSecond * stepMs) / 1_000; left > random.next(); left -= 1) {
      rig.source.publish(random.pick(names), { at: clock.ms, padding: 'x'.repeat(160) });
    }
    for (let left = ms === burst?.atMs ? burst.messages : 0; left > 0; left -= 1) {
      for (const name of names) rig.source.publish(name, { at: clock.ms, padding: 'x'.repeat(160) });
    }
    await turns(2);
    clock.ms += stepMs;
    link.pass(stepMs);
    if (ms % 1_000 === 0) jest.advanceTimersByTime(1_000);
  }
  const oldestMs = Math.max(...link.arrivals.map(({ ageMs }) => ageMs));
  const skipped = link.arrivals.reduce((sum, arrival) => sum + arrival.skipped, 0);
  return { oldestMs, skipped, link, session, arrivals: link.arrivals };
};

describe('what is on its way to a client', () => {
  test.each([
    { kbits: 64, rttMs: 20 },
    { kbits: 64, rttMs: 300 },
    { kbits: 128, rttMs: 600 },
    { kbits: 256, rttMs: 100 },
  ])('[B90] $kbits kbit/s, $rttMs ms there and back: no price arrives more than 3 s late', async ({ kbits, rttMs }) => {
    const { oldestMs, skipped, arrivals } = await run({ bytesPerSecond: kbits * 125, rttMs }, { perSecond: 250 });
    expect(oldestMs).toBeLessThan(3_000 + rttMs);
    expect(skipped).toBeGreaterThan(0);
    // The line is used to capacity.
    expect(arrivals.length * 300).toBeGreaterThan(kbits * 125 * 12 * 0.4);
  });

  test.each([
    { kbits: 1_000, rttMs: 20 },
    { kbits: 1_000, rttMs: 400 },
    { kbits: 100_000, rttMs: 1 },
  ])(
    '[B90] $kbits kbit/s, $rttMs ms there and back: a line that keeps up gets everything',
    async ({ kbits, rttMs }) => {
      const { skipped, oldestMs } = await run({ bytesPerSecond: kbits * 125, rttMs }, { perSecond: 100 });
      expect(skipped).toBe(0);
      expect(oldestMs).toBeLessThan(1_500);
    },
  );

  test('[B91] a quick line gets few probes', async () => {
    const { link, arrivals } = await run({ bytesPerSecond: 12_500_000, rttMs: 2 }, { perSecond: 100 });
    expect(arrivals.length).toBeGreaterThan(1_000);
    expect(link.probes()).toBeLessThan(40);
  });

  test('[B91] however much goes over a quick line, probes are seldom', async () => {
    const { link, arrivals, skipped } = await run({ bytesPerSecond: 12_500_000, rttMs: 2 }, { perSecond: 1_500 });
    expect(arrivals.length).toBeGreaterThan(15_000);
    expect(skipped).toBe(0);
    expect(link.probes()).toBeLessThan(60);
  });

  test('[B90] a quick line that slows down all at once is late once, and soon no more', async () => {
    const slows = { atMs: 6_000, bytesPerSecond: 125_000 };
    const { arrivals } = await run({ bytesPerSecond: 12_500_000, rttMs: 2, slows }, { perSecond: 1_500, seconds: 20 });
    const ages = arrivals.map(({ ageMs }) => ageMs);
    expect(Math.max(...ages)).toBeLessThan(4_000);
    expect(Math.max(...ages.slice(-500))).toBeLessThan(3_000);
  });

  const afterAMinute = { perSecond: 6, seconds: 80, burst: { atMs: 60_000, messages: 600 } };

  test.each([0, 30, 200])(
    '[B90] a quick line of little traffic gets all of what comes at once, though its client answers up to %i ms late',
    async (busyMs) => {
      const { arrivals, skipped } = await run({ bytesPerSecond: 12_500_000, rttMs: 5, busyMs }, afterAMinute);
      expect(skipped).toBe(0);
      expect(arrivals.length).toBeGreaterThan(2_700);
      expect(Math.max(...arrivals.map(({ ageMs }) => ageMs))).toBeLessThan(2_000);
    },
  );

  test.each([64, 256, 1_000])(
    '[B90] what comes at once on a line of %i kbit/s with little traffic is no more than 3 s late',
    async (kbits) => {
      const { oldestMs } = await run({ bytesPerSecond: kbits * 125, rttMs: 20 }, afterAMinute);
      expect(oldestMs).toBeLessThan(3_020);
    },
  );

  test('[B91] a client that answers no probe is not waited for after some seconds', async () => {
    const { session, arrivals } = await run({ bytesPerSecond: 1_000_000, rttMs: 2, answers: false }, { seconds: 14 });
    expect(session.isBlocked).toBe(false);
    expect(arrivals.at(-1)?.ageMs).toBeLessThan(100);
  });

  test('[B90] a socket that was full for too long gets the newest, though its client has no probes', async () => {
    rig = createRig();
    const client = rig.connect();
    await rig.follow(client, 'a');
    client.transport.block();
    for (let seq = 1; seq <= 5; seq += 1) {
      rig.source.publish('a');
      await turns();
      rig.clock.ms += 500;
    }
    client.unblock();
    await turns();
    expect(client.of('publication').map(({ position, skipped }) => [position?.seq, skipped])).toEqual([
      [1, 0],
      [5, 3],
    ]);
  });

  test.each([250, 500])('[B90] 60 channels take turns on 64 kbit/s: %i a second, none 3 s late', async (perSecond) => {
    const { arrivals, oldestMs } = await run({ bytesPerSecond: 8_000, rttMs: 50 }, { channels: 60, perSecond });
    expect(oldestMs).toBeLessThan(3_000);
    expect(arrivals.length).toBeGreaterThan(100);
    expect(new Set(arrivals.map(({ channel }) => channel)).size).toBe(60);
  });

  test('[B90] a line that was not tried yet is not given more than a slow one carries', async () => {
    const { oldestMs } = await run({ bytesPerSecond: 16_000, rttMs: 20 }, { channels: 20, perSecond: 500 });
    expect(oldestMs).toBeLessThan(3_000);
  });

  const createPaced = () => {
    const writes: Uint8Array[] = [];
    const probes: number[] = [];
    let isFull = false;
    const transport: Transport = {
      write(bytes, probe) {
        writes.push(bytes);
        if (probe !== undefined) probes.push(probe);
        return !isFull;
      },
      probe: (probe) => probes.push(probe),
      close: () => {},
    };
    const lines = () => writes.flatMap((bytes) => parseLines(bytes));
    const fill = (full: boolean): void => {
      isFull = full;
    };
    return { transport, probes, lines, fill };
  };

  test('[B91] a probe is sent with the frames before it, in the same write', async () => {
    rig = createRig();
    const { transport, probes, lines } = createPaced();
    const alone = jest.spyOn(transport, 'probe' as never);
    const session = rig.hub.openSession(transport, lineFormat);
    await rig.hub.join(session, new Map([['a', {}]]), () => 'join');
    for (let probe = 1; probe <= 3; probe += 1) {
      rig.source.publish('a', { padding: 'x'.repeat(20_000) });
      await turns();
      expect(probes).toEqual(range(1, probe));
      session.answered(probe);
    }
    expect(lines().length).toBe(3);
    expect(alone).not.toHaveBeenCalled();
  });

  test('[B92] answers are written whatever is on its way, and do not close the session', async () => {
    rig = createRig({ maxOutboxBytes: 16_384 });
    const { transport, lines, probes, fill } = createPaced();
    const session = rig.hub.openSession(transport, lineFormat);
    const sent = Array.from({ length: 200 }, (_, index) => `${index}${'x'.repeat(400)}`);
    for (const text of sent) {
      session.send(ownLine(text));
      await turns(1);
    }
    await turns();
    expect(session.isClosed).toBe(false);
    expect(session.isBlocked).toBe(true);
    expect(lines().map((line) => line.kind === 'own' && line.text)).toEqual(sent);
    fill(true);
    session.send(ownLine('one that fills the socket'));
    await turns();
    session.send(ownLine('last'));
    fill(false);
    session.drained();
    expect(lines().at(-1)).toMatchObject({ text: 'last' });
    expect(probes).toEqual([1]);
  });

  test('[B92] what is owed is written before a close, even when enough is on its way', async () => {
    rig = createRig();
    const { transport, lines } = createPaced();
    const session = rig.hub.openSession(transport, lineFormat);
    await rig.hub.join(session, new Map([['a', {}]]), () => 'join');
    for (let seq = 1; seq <= 100; seq += 1) {
      rig.source.publish('a', { padding: 'x'.repeat(200) });
      await turns(2);
    }
    expect(session.isBlocked).toBe(true);
    expect(lines().length).toBeLessThan(100);
    session.close('shutdown');
    expect(lines().map((line) => line.kind === 'publication' && line.position?.seq)).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
  });

  test('[B90] with maxStaleMs 0 there are no probes and nothing is skipped', async () => {
    const { link, skipped } = await run({ bytesPerSecond: 8_000, rttMs: 20 }, { maxStaleMs: 0, seconds: 3 });
    expect([link.probes(), skipped]).toEqual([0, 0]);
  });
});

describe('a pace', () => {
  test('[B91] accepts only the answer to its last probe, once', async () => {
    rig = createRig();
    const clock = { ms: 0 };
    const pace = new Pace(1_000, () => clock.ms);
    expect(pace.answered(0)).toBe(false);
    const probe = pace.writes(8_000);
    expect(probe).toBe(1);
    expect(pace.answered(2)).toBe(false);
    expect(pace.answered(1)).toBe(true);
    expect(pace.answered(1)).toBe(false);
  });

  test('[B91] takes the first answer, to few bytes, for the length of the line', () => {
    const clock = { ms: 0 };
    const pace = new Pace(1_000, () => clock.ms);
    const ask = (bytes: number, ms: number): void => {
      const probe = pace.writes(bytes);
      clock.ms += ms;
      expect(pace.answered(probe ?? 0)).toBe(true);
    };
    const before = pace.windowBytes;
    ask(1_100, 250);
    expect(pace.windowBytes).toBe(before);
    // Half a second of queue, at some 8 kB a second.
    ask(4_400, 750);
    expect(pace.windowBytes).toBe(before);
    ask(4_400, 250);
    expect(pace.windowBytes).toBe(2 * before);
  });

  test('[B100] knows how long the last probe and its answer took', () => {
    const clock = { ms: 0 };
    const pace = new Pace(1_000, () => clock.ms);
    expect(pace.roundTripMs).toBe(0);
    for (const ms of [700, 30]) {
      const probe = pace.writes(16_000);
      clock.ms += ms;
      pace.answered(probe ?? 0);
      expect(pace.roundTripMs).toBe(ms);
    }
  });
});
