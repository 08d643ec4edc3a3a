import { once } from 'node:events';
import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { gatewayConfig } from '../config.js';
import type { RefusalReason } from '../metrics/gateway-metrics.js';
import { createOverload, createUtilization, type OverloadReason, type ProcessWork } from '../readiness/overload.js';
import { Allowance } from './allowance.js';
import { clientAddress } from './client-address.js';
import { createDoor, type DoorRefusal, type Leave } from './door.js';
import { createSeats, type Seats } from './seats.js';
import { createSocketsByAddress } from './sockets-by-address.js';

const socketFrom = (remoteAddress: string): Socket =>
  Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });

describe('an allowance', () => {
  test('[GL6] allows a burst at once, then so many a second, never more than the burst', () => {
    const allowance = new Allowance(10, 5, 0);
    expect(allowance.take(5, 0)).toBe(true);
    expect(allowance.take(1, 50)).toBe(false);
    expect(allowance.take(1, 150)).toBe(true);
    expect(allowance.take(6, 1e9)).toBe(false);
    expect(allowance.take(5, 1e9)).toBe(true);
  });

  test('[GL32] changes at once, and keeps what is left of a larger burst', () => {
    const allowance = new Allowance(10, 1_000, 0);
    allowance.change(1, 2);
    expect([allowance.take(3, 0), allowance.take(2, 0), allowance.take(1, 500)]).toEqual([false, true, false]);
    expect(allowance.take(1, 1_000)).toBe(true);
    allowance.change(10, 20);
    expect([allowance.take(1, 1_000), allowance.take(1, 1_100)]).toEqual([false, true]);
  });
});

describe('the address of a client', () => {
  test.each([
    [0, '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    [0, '::ffff:203.0.113.9', undefined, '203.0.113.9'],
    [1, '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    [1, '10.0.0.1', 'made up, 198.51.100.1', '198.51.100.1'],
    [2, '10.0.0.1', '1.1.1.1, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
    [2, '10.0.0.1', '198.51.100.1', '10.0.0.1'],
    [1, '10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    [1, '10.0.0.1', 'nonsense', '10.0.0.1'],
    [1, '10.0.0.1', undefined, '10.0.0.1'],
    [1, '10.0.0.1', '[2001:db8:1:2:3:4:5:6]:80', '2001:db8:1:2'],
    [0, '2001:db8::1', undefined, '2001:db8:0:0'],
    [0, '2001:db8:0:0:ffff::2', undefined, '2001:db8:0:0'],
    [0, 'fe80::1%eth0', undefined, 'fe80:0:0:0'],
    [0, '::1', undefined, '0:0:0:0'],
    [0, '::ffff:cb00:7109', undefined, '203.0.113.9'],
    [0, '::FFFF:203.0.113.9', undefined, '203.0.113.9'],
    [0, '0:0:0:0:0:ffff:cb00:7109', undefined, '203.0.113.9'],
    [0, '64:ff9b::cb00:7109', undefined, '203.0.113.9'],
    [1, '10.0.0.1', '64:ff9b::203.0.113.9', '203.0.113.9'],
    [1, '10.0.0.1', '[::ffff:203.0.113.9]:4711', '203.0.113.9'],
    [0, '64:ff9b:1::cb00:7109', undefined, '64:ff9b:1:0'],
  ])('[GL5] behind %i proxies, from %s with %j: %s', (proxies, remoteAddress, forwarded, address) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    expect(clientAddress({ headers, socket: { remoteAddress } }, proxies)).toBe(address);
  });
});

describe('overload', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('[GL9] starts above the limit and ends only well below it', () => {
    const is = { lagMs: 0, rss: 100 };
    const overload = createOverload({
      maxLagMs: 100,
      maxRssBytes: 1_000,
      readLagMs: () => is.lagMs,
      readUtilization: () => 1,
      readRssBytes: () => is.rss,
    });
    const reasons = (states: readonly Partial<typeof is>[]): (OverloadReason | undefined)[] =>
      states.map((state) => {
        Object.assign(is, state);
        jest.advanceTimersByTime(1_000);
        return overload.reason;
      });
    expect(reasons([{ lagMs: 99 }, { lagMs: 101 }, { lagMs: 60 }, { lagMs: 50 }, { lagMs: 60 }])).toEqual([
      undefined,
      'loop-lag',
      'loop-lag',
      undefined,
      undefined,
    ]);
    expect(reasons([{ rss: 1_001 }, { rss: 960 }, { rss: 950 }])).toEqual(['memory', 'memory', undefined]);
    overload.close();
    expect(jest.getTimerCount()).toBe(0);
  });

  test('[GL20] does not count a late loop caused by other processes while this one has little to do', () => {
    const is = { lagMs: 500, utilization: 0.2 };
    const overload = createOverload({
      maxLagMs: 100,
      maxRssBytes: 1_000,
      readLagMs: () => is.lagMs,
      readUtilization: () => is.utilization,
      readRssBytes: () => 1,
    });
    const reasonAt = (utilization: number): OverloadReason | undefined => {
      is.utilization = utilization;
      jest.advanceTimersByTime(1_000);
      return overload.reason;
    };
    expect([0.2, 0.49, 0.5, 1, 0.3].map(reasonAt)).toEqual([undefined, undefined, 'loop-lag', 'loop-lag', undefined]);
    expect(overload.lagMs).toBe(500);
    overload.close();
  });

  test('[GL20] a process works as much as its loop is busy and it gets processor time, of its quota', () => {
    const work = (active: number, idle: number, cpuMs: number, atMs: number): ProcessWork => ({
      loop: { active, idle, utilization: active / (active + idle) },
      cpuMs,
      atMs,
    });
    const first = work(500, 500, 100, 1_000);
    const shareOf = (next: ProcessWork, quota = 2): number => {
      const seen = [first, next];
      return createUtilization(() => seen.shift() as ProcessWork, quota)();
    };
    // Busy all the time; busy, but others have the processor; idle for half of the time; and of half a core.
    expect(shareOf(work(1_500, 500, 1_050, 2_000))).toBeCloseTo(0.95);
    expect(shareOf(work(1_500, 500, 300, 2_000))).toBeCloseTo(0.2);
    expect(shareOf(work(1_000, 1_000, 900, 2_000))).toBeCloseTo(0.5);
    expect(shareOf(work(1_500, 500, 500, 2_000), 0.5)).toBeCloseTo(0.8);
  });

  test('[GL21] keeps the last value when a measurement fails', () => {
    const read = jest.fn<() => number>().mockReturnValueOnce(50).mockReturnValueOnce(2_000);
    read.mockImplementation(() => {
      throw new Error('EMFILE: too many open files, uv_resident_set_memory');
    });
    const overload = createOverload({ maxLagMs: 100, maxRssBytes: 1_000, readLagMs: () => 0, readRssBytes: read });
    jest.advanceTimersByTime(3_000);
    expect([overload.reason, overload.rssBytes, read.mock.calls.length]).toEqual(['memory', 2_000, 4]);
    overload.close();
  });
});

describe('the event loop of this process', () => {
  test('[GL9] is late when its turns are long', async () => {
    const options = { maxLagMs: 20, maxRssBytes: Number.MAX_SAFE_INTEGER, sampleMs: 200, readUtilization: () => 1 };
    const overload = createOverload(options);
    while (overload.reason === undefined) {
      for (const until = performance.now() + 50; performance.now() < until; );
      await setImmediate();
    }
    expect([overload.reason, overload.lagMs > 20]).toEqual(['loop-lag', true]);
    overload.close();
  });
});

describe('the sockets of an address', () => {
  test('[GL24] an address may have twice as many as its clients, at least 64; a known socket counts once, a closed one no more', async () => {
    const sockets = createSocketsByAddress(2);
    const first = socketFrom('1.1.1.1');
    expect([sockets.enter(first), sockets.enter(first)]).toEqual([true, true]);
    for (let count = 1; count < 66; count += 1) expect(sockets.enter(socketFrom('1.1.1.1'))).toBe(true);
    expect([sockets.enter(socketFrom('1.1.1.1')), sockets.enter(socketFrom('2.2.2.2'))]).toEqual([false, true]);
    first.destroy();
    await once(first, 'close');
    expect([sockets.enter(socketFrom('1.1.1.1')), sockets.enter(socketFrom('1.1.1.1'))]).toEqual([true, false]);
    const unlimited = createSocketsByAddress(0);
    for (let count = 0; count < 5_000; count += 1) expect(unlimited.enter(socketFrom('1.1.1.1'))).toBe(true);
  });
});

describe('what each of several workers counts', () => {
  test('[GW4] is its part of the sockets of an address', () => {
    const sockets = createSocketsByAddress(100, 4);
    for (let count = 0; count < 50; count += 1) expect(sockets.enter(socketFrom('1.1.1.1'))).toBe(true);
    expect(sockets.enter(socketFrom('1.1.1.1'))).toBe(false);
  });

  test('[GW4] memory counts together with that of the others', () => {
    jest.useFakeTimers();
    const others = { rss: 500 };
    const overload = createOverload({
      maxLagMs: 100,
      maxRssBytes: 1_000,
      readLagMs: () => 0,
      readRssBytes: () => 400,
      readOthersRssBytes: () => others.rss,
    });
    jest.advanceTimersByTime(1_000);
    expect([overload.reason, overload.sharedRssBytes]).toEqual([undefined, 900]);
    others.rss = 601;
    jest.advanceTimersByTime(1_000);
    expect([overload.reason, overload.rssBytes]).toEqual(['memory', 400]);
    overload.close();
    jest.useRealTimers();
  });
});

describe('the door', () => {
  const openDoor = (
    env: Record<string, string>,
    overload: { reason: OverloadReason | undefined } = { reason: undefined },
    seats?: Seats,
  ) => {
    const refusals: RefusalReason[] = [];
    const clock = { ms: 0 };
    const warnings = { lines: 0 };
    const { limits } = gatewayConfig(env);
    const door = createDoor({
      limits,
      seats: seats ?? createSeats({ limits, now: () => clock.ms }),
      overload,
      isDraining: () => false,
      logger: {
        warn() {
          warnings.lines += 1;
        },
      },
      metrics: { refused: (reason) => refusals.push(reason) },
      random: () => 0.5,
    });
    const request = (address: string) =>
      ({ headers: { host: 'gw' }, socket: { remoteAddress: address } }) as Parameters<typeof door.enter>[0];
    return { door, refusals, clock, warnings, request };
  };

  const entered = (result: DoorRefusal | Leave | Promise<unknown>): Leave => {
    if (result instanceof Promise) throw new Error('waits');
    if (typeof result !== 'function') throw new Error(`refused: ${result.reason}`);
    return result;
  };

  test('[GL5] admits so many in all and from one address, until they leave', () => {
    const { door, refusals, request } = openDoor({ MAX_CONNECTIONS: '3', MAX_CONNECTIONS_PER_IP: '2' });
    const [leave] = [entered(door.enter(request('1.1.1.1'))), entered(door.enter(request('1.1.1.1')))];
    expect(door.enter(request('1.1.1.1'))).toMatchObject({ status: 503, retryAfterSeconds: 3 });
    entered(door.enter(request('2.2.2.2')));
    expect(door.enter(request('3.3.3.3'))).toMatchObject({ status: 503 });
    expect(refusals).toEqual(['connections-per-ip', 'connections']);
    leave();
    leave();
    expect(door.connections).toBe(2);
    entered(door.enter(request('1.1.1.1')));
  });

  test('[GL5] admits so many per second; a rejected client uses up nothing', () => {
    const { door, refusals, clock, request } = openDoor({ CONNECTS_PER_SECOND: '2' });
    const enter = () => {
      const result = door.enter(request('1.1.1.1'));
      return typeof result === 'function' || result instanceof Promise ? undefined : result.reason;
    };
    expect([enter(), enter(), enter(), enter()]).toEqual([undefined, undefined, 'connect-rate', 'connect-rate']);
    clock.ms = 500;
    expect([enter(), enter()]).toEqual([undefined, 'connect-rate']);
    expect(refusals).toHaveLength(3);
  });

  test('[GW3] where another process counts, it is asked, and learns of each client that leaves', async () => {
    const asked: string[] = [];
    const answers: ReturnType<Seats['take']>[] = [Promise.resolve('connections'), Promise.resolve(undefined)];
    const seats: Seats = {
      take(address) {
        asked.push(`take ${address}`);
        return answers.shift();
      },
      leave: (address) => void asked.push(`leave ${address}`),
    };
    const { door, refusals, request } = openDoor({}, undefined, seats);
    expect(await door.enter(request('1.1.1.1'))).toMatchObject({ reason: 'connections', status: 503 });
    const leave = await door.enter(request('2.2.2.2'));
    expect(door.connections).toBe(1);
    if (typeof leave === 'function') [leave(), leave()];
    expect(door.connections).toBe(0);
    expect(refusals).toEqual(['connections']);
    expect(asked).toEqual(['take 1.1.1.1', 'take 2.2.2.2', 'leave 2.2.2.2']);
  });

  test('[GL9] rejects everybody during overload', () => {
    const overload: { reason: OverloadReason | undefined } = { reason: 'loop-lag' };
    const { door, request } = openDoor({}, overload);
    expect(door.enter(request('1.1.1.1'))).toMatchObject({ status: 503, reason: 'loop-lag' });
    overload.reason = undefined;
    entered(door.enter(request('1.1.1.1')));
  });

  test('[GL33] warns once about X-Forwarded-For while no proxy is trusted', () => {
    const { door, warnings, request } = openDoor({});
    const forwarded = request('1.1.1.1');
    forwarded.headers['x-forwarded-for'] = '198.51.100.1';
    void door.enter(request('1.1.1.1'));
    expect(warnings.lines).toBe(0);
    for (let count = 0; count < 9; count += 1) void door.enter(forwarded);
    door.checkHost(forwarded);
    expect(warnings.lines).toBe(1);
    const trusting = openDoor({ TRUST_PROXY: '1' });
    void trusting.door.enter(forwarded);
    expect(trusting.warnings.lines).toBe(0);
  });
});
