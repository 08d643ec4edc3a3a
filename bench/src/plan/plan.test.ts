import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../options.js';
import { figures } from './figures.js';
import { parsePlanOptions } from './options.js';
import { type PlanRequest, planFor } from './plan.js';
import { planText } from './text.js';

const small: PlanRequest = {
  clients: 1_000,
  channels: 20,
  followed: 20,
  rate: 250,
  bytes: 120,
  passMs: 50,
  cores: 8,
};

describe('planFor', () => {
  test('[BN60] agrees with what was measured on one core', () => {
    // 5000 ticks/s to each of 1000 clients with passes of 50 ms: 42 % of a core.
    expect((small.clients * 20 * figures.writeUs.value + 5e6 * figures.tickUs.value) / 1e6).toBeCloseTo(0.45, 2);
    expect(planFor(small)).toMatchObject({ deliveriesPerSecond: 5e6, writesPerSecond: 20_000, gateways: 2 });
    // 1000 clients at 80 ticks/s, a tick a write: 80,000 to 100,000 writes fill a core.
    const single = planFor({ ...small, channels: 1, followed: 1, rate: 80, passMs: 0 });
    expect(single.writesPerSecond).toBe(80_000);
    expect(single.busyCores).toBeGreaterThan(0.8);
    expect(single.busyCores).toBeLessThan(1);
  });

  test('[BN60] a million clients: cores for the writes, one gateway to spare, Redis by the number of workers', () => {
    const plan = planFor({ ...small, clients: 1e6, channels: 200, rate: 5, bytes: 200 });
    expect(plan.deliveriesPerSecond).toBe(1e8);
    expect(plan.writesPerSecond).toBe(2e7);
    // 20 writes of 11.2 us, 1.3 times for own channels, and 100 ticks of 0.045 us, a client and second.
    const sending = 20 * 11.2 * 1.3 + 100 * 0.045;
    const needed = Math.ceil(sending / (0.6 - (1_000 * 15.5) / 1e6));
    expect(plan.gateways).toBe(Math.ceil(needed / 7) + 1);
    expect(plan.workers).toBe(plan.gateways * 7);
    expect(plan.redisBusyCores).toBeCloseTo((1_000 * (15.1 + plan.workers * 3)) / 1e6, 6);
    expect(plan.redisShards).toBe(Math.ceil(plan.redisBusyCores / 0.6));
    // 5 ticks of 204 bytes in a write: one packet.
    expect(plan.gbitPerSecond).toBeCloseTo((1e8 * 204 + 2e7 * 66) * 8e-9, 6);
  });

  test('[BN60] grows with clients, and never needs less for more', () => {
    const sizes = [1e3, 1e4, 1e5, 1e6, 1e7].map((clients) => planFor({ ...small, clients, channels: 200, rate: 5 }));
    for (const [index, plan] of sizes.entries()) {
      const before = sizes[index - 1];
      if (before === undefined) continue;
      expect(plan.gateways).toBeGreaterThanOrEqual(before.gateways);
      expect(plan.redisShards).toBeGreaterThanOrEqual(before.redisShards);
      expect(plan.gbitPerSecond).toBeGreaterThan(before.gbitPerSecond);
    }
  });

  test('[BN60] idle clients need memory and a place, not writes', () => {
    const plan = planFor({ ...small, clients: 100_000, channels: 1, followed: 1, rate: 0.01 });
    expect(plan.workers).toBe(2 * 5);
    expect(plan.memoryGibPerGateway).toBeCloseTo((100_000 * 16_384) / 2 ** 30, 6);
  });

  test('[BN60] says what no number of gateways or masters can carry', () => {
    expect(() => planFor({ ...small, channels: 1_000, rate: 100 })).toThrow(RangeError);
    expect(planFor({ ...small, clients: 1e7, rate: 50 }).isChannelTooMuch).toBe(true);
    expect(planFor(small).isChannelTooMuch).toBe(false);
  });

  test('[BN60] is shown with all figures it rests on and where they come from', () => {
    const text = planText(small, planFor(small));
    for (const { what, source } of Object.values(figures)) {
      expect(text).toContain(what);
      expect(text).toContain(source);
    }
  });
});

describe('parsePlanOptions', () => {
  const required = ['--clients', '1e6', '--channels', '200', '--rate', '5'];

  test('[BN61] has defaults for what is not said', () => {
    expect(parsePlanOptions(required)).toEqual({
      clients: 1e6,
      channels: 200,
      rate: 5,
      followed: 20,
      bytes: 200,
      passMs: 50,
      cores: 8,
    });
    expect(parsePlanOptions(['--clients', '1', '--channels', '3', '--rate', '0.5'])).toMatchObject({ followed: 3 });
    expect(parsePlanOptions([...required, '--pass-ms', '0'])).toMatchObject({ passMs: 0 });
  });

  test.each([
    [['--clients', '1e6', '--channels', '200']],
    [[...required, '--clients', '0']],
    [[...required, '--clients', '1.5']],
    [[...required, '--clients', '0x10']],
    [[...required, '--clients', '']],
    [[...required, '--clients', '1e99']],
    [[...required, '--rate', '-1']],
    [[...required, '--rate', '0']],
    [[...required, '--rate', 'Infinity']],
    [[...required, '--followed', '201']],
    [[...required, '--pass-ms', '-1']],
    [[...required, '--cores', 'eight']],
    [[...required, '--client', '5']],
    [[...required, 'more']],
  ])('[BN61] refuses %j', (args) => {
    expect(() => parsePlanOptions(args)).toThrow(UsageError);
  });
});
