import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createPingWheel, type Pulse } from './ping-wheel.js';

const intervalMs = 20_000;

describe('pings', () => {
  let at = 1_700_000_000_000;
  const start = at;
  beforeEach(() => {
    at = start;
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const run = (seconds: number): void => {
    for (let i = 0; i < seconds; i += 1) {
      at += 1_000;
      jest.advanceTimersByTime(1_000);
    }
  };

  const client = () => {
    const pings: { readonly at: number; readonly payload: string }[] = [];
    let timedOut = 0;
    return {
      pings,
      timedOutCount: () => timedOut,
      ping: (payload: Uint8Array) => void pings.push({ at, payload: Buffer.from(payload).toString() }),
      timedOut: () => {
        timedOut += 1;
      },
    };
  };

  it('[G38] pings go out every 20 s with the time in milliseconds, and a client that copies it stays', () => {
    const wheel = createPingWheel(intervalMs, () => at);
    const one = client();
    const pulse: Pulse = wheel.add({
      ...one,
      ping: (payload) => {
        one.ping(payload);
        pulse.ponged(payload);
      },
    });
    run(200);
    expect(one.pings).toHaveLength(10);
    for (const [index, ping] of one.pings.entries()) {
      expect(ping.payload).toBe(String(ping.at));
      expect(ping.at - (one.pings[0]?.at ?? 0)).toBe(index * intervalMs);
    }
    expect(one.timedOutCount()).toBe(0);
    pulse.stop();
    run(60);
    expect(one.pings).toHaveLength(10);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('[G38] a client that answers nothing, or something else, is given up a minute after the first ping', () => {
    const wheel = createPingWheel(intervalMs, () => at);
    const silent = client();
    wheel.add(silent);
    const wrong = client();
    const pulse: Pulse = wheel.add({
      ...wrong,
      ping: (payload) => {
        wrong.ping(payload);
        pulse.ponged(Buffer.from('something else'));
        pulse.ponged(Buffer.alloc(0));
      },
    });
    run(60);
    expect([silent.timedOutCount(), wrong.timedOutCount()]).toEqual([0, 0]);
    run(4);
    expect([silent.timedOutCount(), wrong.timedOutCount()]).toEqual([1, 1]);
    expect(silent.pings).toHaveLength(3);
  });

  it('[G38] are spread over the interval', () => {
    const wheel = createPingWheel(intervalMs, () => at);
    const clients = Array.from({ length: 100 }, client);
    for (const one of clients) wheel.add(one);
    run(20);
    const perSecond = new Map<number, number>();
    for (const { pings } of clients) {
      const first = pings[0]?.at ?? 0;
      perSecond.set(first, (perSecond.get(first) ?? 0) + 1);
    }
    expect([...perSecond.values()]).toEqual(Array.from({ length: 20 }, () => 5));
  });
});
