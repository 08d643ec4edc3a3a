import { describe, expect, test } from '@jest/globals';
import type { ConnectRequest, LoadCommands, WindowPart } from './commands.js';
import { askAll, mergeWindows, shareOf } from './generators.js';
import { LatencyHistogram } from './latency-histogram.js';
import { noFaults } from './sequence-check.js';

const request: ConnectRequest = {
  port: 1,
  clients: 5,
  place: { first: 0, all: 5 },
  channels: 2,
  inFlight: 4,
  limitMs: 1,
  staleAfterMs: 1,
  greetings: [0, 1, 2, 3, 4].map((path) => ({ kind: 'websocket', path: `/${path}` })),
  followed: [[0], [1], [0], [1], [0]],
};

const partOf = (values: readonly number[], more: Partial<WindowPart> = {}): WindowPart => {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.add(value * 1_000);
  const counts = histogram.counts();
  const none = new LatencyHistogram().counts();
  return {
    seconds: 2,
    ticks: values.length,
    bytes: 10,
    frames: 3,
    reads: 2,
    others: 0,
    closed: 1,
    unrecovered: 0,
    latency: counts,
    firstLatency: counts,
    lastLatency: none,
    faults: { ...noFaults(), gaps: 1 },
    serverCpuSeconds: 1,
    serverWrites: 7,
    generatorCpu: 0.5,
    redisCpu: 0.1,
    loadCoreBusy: 0.6,
    serverCoreOthers: 0,
    ...more,
  };
};

describe('several generators', () => {
  test('[BN40] share the clients out, each with its own channels and its place among all', () => {
    const shares = [0, 1].map((index) => shareOf(request, index, 2));
    expect(shares.map(({ clients, place }) => [clients, place])).toEqual([
      [2, { first: 0, all: 5 }],
      [3, { first: 2, all: 5 }],
    ]);
    expect(shares.flatMap(({ greetings }) => greetings)).toEqual(request.greetings);
    expect(shares.map(({ followed }) => followed)).toEqual([
      [[0], [1]],
      [[0], [1], [0]],
    ]);
    expect(shares.map(({ inFlight }) => inFlight)).toEqual([2, 2]);
    const alike = shareOf({ ...request, greetings: request.greetings.slice(0, 1), followed: undefined }, 1, 2);
    expect(alike).toMatchObject({ clients: 3, greetings: [{ path: '/0' }], followed: undefined });
  });

  test('[BN40] are put together: sums of what clients saw, the busiest generator, one sample of the server', () => {
    const merged = mergeWindows([partOf([1, 1, 1]), partOf([9], { generatorCpu: 0.9, serverCpuSeconds: 1.1 })]);
    expect(merged).toMatchObject({ ticks: 4, bytes: 20, closed: 2, faults: { gaps: 2 }, serverCpuSeconds: 1 });
    expect(merged.generatorCpu).toBe(0.9);
    expect(merged.latencyMs).toMatchObject({ count: 4, max: 9 });
    expect(merged.latencyMs.p50).toBeCloseTo(1, 1);
    expect(merged.firstLatencyMs.count).toBe(4);
    expect(merged.lastLatencyMs.count).toBe(0);
  });

  test('[BN40] have reconnected when the last of them has', async () => {
    const answering = (served: number, tookMs: number, refusal?: string) =>
      ({ comeBack: async () => ({ served, unserved: 1, tookMs, refusal }) }) as unknown as LoadCommands;
    const all = askAll([answering(3, 10), answering(4, 30, 'no')]);
    expect(await all.comeBack({ published: [1], limitMs: 1 })).toEqual({
      served: 7,
      unserved: 2,
      tookMs: 30,
      refusal: 'no',
    });
  });
});
