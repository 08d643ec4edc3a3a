import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Lease } from '@tickwire/channel-layer';
import { createLogger } from '@tickwire/runtime';
import { createLeadership, type Leadership, type LeadershipOptions } from './leadership.js';

/** One lease for several that ask, on the clock of the test. */
const createLeases = (leaseMs = 3_000) => {
  let held: { readonly owner: string; readonly token: number; readonly untilMs: number } | undefined;
  let lastToken = 0;
  const holder = () => (held !== undefined && held.untilMs > Date.now() ? held : undefined);
  /** For all, or for some of them. */
  const outage = { isOn: false, of: new Set<string>() };
  const leaseOf = (owner: string): Lease => {
    const assertReachable = (): void => {
      if (outage.isOn || outage.of.has(owner)) throw new Error('out of reach');
    };
    return {
      async acquire() {
        assertReachable();
        const now = holder();
        if (now !== undefined && now.owner !== owner) return undefined;
        if (now === undefined) lastToken += 1;
        held = { owner, token: now?.token ?? lastToken, untilMs: Date.now() + leaseMs };
        return held.token;
      },
      async release() {
        assertReachable();
        if (held?.owner === owner) held = undefined;
      },
      async holder() {
        assertReachable();
        return holder();
      },
    };
  };
  return { leaseOf, outage, holder: () => holder()?.owner };
};

describe('leadership', () => {
  const all: Leadership[] = [];

  const leaseMs = 3_000;
  const silent = createLogger('test', 'silent');

  const open = (lease: Lease, ofMs = leaseMs, logger: LeadershipOptions['logger'] = silent): Leadership => {
    const leadership = createLeadership({
      lease,
      leaseMs: ofMs,
      logger,
      onElected: () => {},
      onDeposed: () => {},
      onHeld: () => {},
    });
    all.push(leadership);
    return leadership;
  };

  afterEach(async () => {
    for (const leadership of all.splice(0)) await leadership.close();
    jest.useRealTimers();
  });

  it('[P260] who leads is decided with the first answer, and at the end in any case', async () => {
    jest.useFakeTimers();
    const { leaseOf, outage } = createLeases();
    const decided: string[] = [];
    const begin = async (name: string, isNewcomer: boolean): Promise<Leadership> => {
      const leadership = open(leaseOf(name));
      void leadership.decided.then(() => decided.push(`${name} ${leadership.isLeading}`));
      await leadership.start(isNewcomer);
      return leadership;
    };
    await begin('newcomer', true);
    expect(decided).toEqual([]);
    await jest.advanceTimersByTimeAsync(leaseMs);
    await begin('standby', false);
    outage.isOn = true;
    const last = await begin('cut off', false);
    await jest.advanceTimersByTimeAsync(leaseMs);
    expect(decided).toEqual(['newcomer true', 'standby false']);
    outage.isOn = false;
    await last.close();
    expect(decided).toHaveLength(3);
  });

  it.each([
    ['a newcomer', true],
    ['who asks at once', false],
  ])('[P230] the log says once that another leads: %s', async (_, isNewcomer) => {
    jest.useFakeTimers();
    const { leaseOf } = createLeases();
    const lines: string[] = [];
    const info = (details: object, line: string): void => void lines.push(`${line} ${JSON.stringify(details)}`);
    const logger = { info, warn: info } as unknown as LeadershipOptions['logger'];
    const leader = open(leaseOf('leader'));
    await leader.start(false);
    await open(leaseOf('standby'), leaseMs, logger).start(isNewcomer);
    await jest.advanceTimersByTimeAsync(3 * leaseMs);
    expect(lines).toEqual([expect.stringMatching(/^another producer leads: standing by/)]);
    if (isNewcomer) expect(lines[0]).toContain('{"leader":"leader"}');
    await leader.close();
    await jest.advanceTimersByTimeAsync(leaseMs);
    expect(lines.slice(1)).toEqual(['leading {"fence":2}']);
  });

  it('[P123] a standby whose Redis answers but accepts no writes reports it in one line, and is not ready until it could lead', async () => {
    jest.useFakeTimers();
    const lines: string[] = [];
    let isFull = true;
    const standby = createLeadership({
      lease: {
        acquire: () => (isFull ? Promise.reject(new Error('MISCONF disk is full')) : Promise.resolve(undefined)),
        release: () => Promise.resolve(),
        holder: () => Promise.resolve({ owner: 'leader', token: 1 }),
      },
      leaseMs,
      logger: {
        warn: (_: unknown, text?: string) => lines.push(String(text)),
        info: (_: unknown, text?: string) => lines.push(String(text)),
      },
      onElected: () => {},
      onDeposed: () => {},
      onHeld: () => {},
    });
    all.push(standby);
    await standby.start(false);
    for (let seconds = 0; seconds < 30; seconds += 1) {
      await jest.advanceTimersByTimeAsync(1_000);
      expect(standby.cannotLead).toContain('MISCONF disk is full');
    }
    isFull = false;
    await jest.advanceTimersByTimeAsync(10_000);
    expect([standby.cannotLead, lines]).toEqual([
      undefined,
      ['lease out of reach', 'another producer leads: standing by', 'lease reachable again'],
    ]);
  });

  it('[P32] a producer of a market that nobody publishes leads at once', async () => {
    const { leaseOf } = createLeases();
    const first = open(leaseOf('first'));
    await first.start(false);
    expect(first.isLeading).toBe(true);
  });

  it.each(Array.from({ length: 30 }, (_, step) => step * 100))(
    '[P32] a newcomer %i ms after the leader was killed does not lead before the standby',
    async (afterMs) => {
      jest.useFakeTimers();
      const { leaseOf, holder } = createLeases();
      await leaseOf('leader').acquire();
      const standby = open(leaseOf('standby'));
      await jest.advanceTimersByTimeAsync(afterMs / 3);
      await standby.start(false);
      // The leader renewed a moment ago, and is dead from here on.
      await leaseOf('leader').acquire();
      await jest.advanceTimersByTimeAsync(afterMs);
      const newcomer = open(leaseOf('newcomer'));
      await newcomer.start(true);
      await jest.advanceTimersByTimeAsync(3 * leaseMs);
      expect(holder()).toBe('standby');
      expect(newcomer.isLeading).toBe(false);
      await standby.close();
      await jest.advanceTimersByTimeAsync(leaseMs);
      expect(holder()).toBe('newcomer');
    },
  );

  it.each([300, 3_000, 60_000])(
    '[P35] with a lease of %i ms a leader that fell silent is replaced within that time and a second',
    async (ofMs) => {
      jest.useFakeTimers();
      for (let part = 0; part < 1; part += 0.05) {
        const { leaseOf, holder } = createLeases(ofMs);
        await leaseOf('leader').acquire();
        const standby = open(leaseOf('standby'), ofMs);
        await standby.start(false);
        // The leader falls silent at any moment between two attempts of the standby.
        await jest.advanceTimersByTimeAsync(ofMs * part);
        await leaseOf('leader').acquire();
        await jest.advanceTimersByTimeAsync(ofMs - 1);
        expect(holder()).toBe('leader');
        await jest.advanceTimersByTimeAsync(1_000);
        expect(holder()).toBe('standby');
        expect(standby.isLeading).toBe(true);
        await standby.close();
      }
    },
  );

  it('[P34] after an outage in which the lease expired, the leader acquires it again, not the standby', async () => {
    jest.useFakeTimers();
    for (let offsetMs = 0; offsetMs < 1_000; offsetMs += 50) {
      const { leaseOf, holder, outage } = createLeases();
      const leader = open(leaseOf('leader'));
      await leader.start(false);
      await jest.advanceTimersByTimeAsync(offsetMs);
      const standby = open(leaseOf('standby'));
      await standby.start(false);
      outage.isOn = true;
      await jest.advanceTimersByTimeAsync(2 * leaseMs);
      expect(holder()).toBeUndefined();
      outage.isOn = false;
      await jest.advanceTimersByTimeAsync(100);
      expect(holder()).toBe('leader');
      await jest.advanceTimersByTimeAsync(leaseMs);
      expect(holder()).toBe('leader');
      expect(standby.isLeading).toBe(false);
      outage.isOn = true;
      await leader.close();
      await jest.advanceTimersByTimeAsync(2 * leaseMs);
      outage.isOn = false;
      await jest.advanceTimersByTimeAsync(leaseMs);
      expect(holder()).toBe('standby');
    }
  });

  it.each([300, 900, 3_000])(
    '[P34] with a lease of %i ms it gets it as well if Redis lets the standby in a second earlier',
    async (ofMs) => {
      jest.useFakeTimers();
      const { leaseOf, holder, outage } = createLeases(ofMs);
      const leader = open(leaseOf('leader'), ofMs);
      await leader.start(false);
      await open(leaseOf('standby'), ofMs).start(false);
      outage.of = new Set(['leader', 'standby']);
      await jest.advanceTimersByTimeAsync(2 * ofMs);
      outage.of = new Set(['leader']);
      await jest.advanceTimersByTimeAsync(1_100);
      outage.of = new Set();
      await jest.advanceTimersByTimeAsync(200);
      expect(holder()).toBe('leader');
    },
  );

  it('[P32] a newcomer leads when the leader has given the lease back, without waiting for its full length', async () => {
    jest.useFakeTimers();
    const ofMs = 60_000;
    const { leaseOf } = createLeases(ofMs);
    const leader = open(leaseOf('leader'), ofMs);
    await leader.start(false);
    const newcomer = open(leaseOf('newcomer'), ofMs);
    await newcomer.start(true);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(newcomer.isLeading).toBe(false);
    await leader.close();
    await jest.advanceTimersByTimeAsync(3_000);
    expect(newcomer.isLeading).toBe(true);
  });

  it('[P32] a newcomer leads after half a lease if there is no other producer', async () => {
    jest.useFakeTimers();
    const { leaseOf } = createLeases();
    const newcomer = open(leaseOf('newcomer'));
    await newcomer.start(true);
    await jest.advanceTimersByTimeAsync(leaseMs / 2);
    expect(newcomer.isLeading).toBe(true);
  });
});
