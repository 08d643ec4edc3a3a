import type { BenchClock } from '../wire/clock.js';
import type { ComeBackRequest, ComeBackResult, DropsRequest, DropsResult } from './commands.js';
import type { Fleet } from './fleet.js';
import { seededRandom } from './random.js';

const stepMs = 10;
const retryMs = 500;

/** Connections that break now and then, each made again after a while. */
export interface Drops {
  /** Stops the breaks; resolves when every client is connected again or the limit is over. */
  stop(limitMs: number): Promise<DropsResult>;
}

const step = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const startDrops = (fleet: Fleet, { everyMs, awayMs, seed }: DropsRequest, now: BenchClock): Drops => {
  const random = seededRandom(seed);
  const backAt = new Map<number, number>();
  const failedBefore = fleet.counters.failed;
  const breaksPerMs = fleet.size / everyMs;
  let breaks = 0;
  let due = 0;
  let lastAt = now();
  let mayBreak = true;

  const breakSome = (at: number): void => {
    due += (at - lastAt) * breaksPerMs;
    lastAt = at;
    for (; due >= 1; due -= 1) {
      const client = Math.floor(random() * fleet.size);
      if (fleet.stateOf(client) !== 'open') continue;
      fleet.leave(client);
      breaks += 1;
      backAt.set(client, at + random() * 2 * awayMs);
    }
  };

  const bringBack = (at: number): void => {
    for (let client = 0; client < fleet.size; client += 1) {
      if (fleet.stateOf(client) !== 'gone') continue;
      const time = backAt.get(client);
      // Clients that the server disconnected, or did not accept.
      if (time === undefined) backAt.set(client, at + retryMs);
      else if (time <= at) {
        backAt.delete(client);
        fleet.comeBack(client);
      }
    }
  };

  const timer = setInterval(() => {
    const at = now();
    if (mayBreak) breakSome(at);
    bringBack(at);
  }, stepMs);

  return {
    async stop(limitMs) {
      mayBreak = false;
      const deadline = now() + limitMs;
      const isComplete = (): boolean => fleet.open() === fleet.size;
      while (!isComplete() && now() < deadline) await step(stepMs);
      clearInterval(timer);
      return { breaks, failed: fleet.counters.failed - failedBefore, refusal: fleet.refusal, isComplete: isComplete() };
    },
  };
};

/** Breaks all connections at once, as when a gateway dies. */
export const comeBackAtOnce = async (
  fleet: Fleet,
  { published, limitMs }: ComeBackRequest,
  now: BenchClock,
): Promise<ComeBackResult> => {
  const startedAt = now();
  for (let client = 0; client < fleet.size; client += 1) fleet.comeBack(client);
  while (fleet.served(published) < fleet.size && now() < startedAt + limitMs) await step(stepMs);
  const served = fleet.served(published);
  return { served, unserved: fleet.size - served, tookMs: now() - startedAt, refusal: fleet.refusal };
};
