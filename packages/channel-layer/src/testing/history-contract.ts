import { describe, expect, test } from '@jest/globals';
import { freshSeed } from '@tickwire/protocol/testing';
import type { AppendResult, Lease } from '../history.js';
import type { Message } from '../layer.js';
import { appendRules } from './history-append-rules.js';
import { fenceRules } from './history-fence-rules.js';
import type { HistoryTraits, OpenHistory } from './history-harness.js';
import { createHistoryOperations, runHistoryOperation } from './history-operations.js';
import { publishRules } from './history-publish-rules.js';
import { readRules } from './history-read-rules.js';

/** The rules of SPEC-history.md that every history keeps. */
export const historyContract = (name: string, open: OpenHistory, traits: HistoryTraits = {}): void => {
  describe(`${name} keeps the history contract`, () => {
    appendRules(open, traits);
    fenceRules(open);
    readRules(open);
    publishRules(open);
    for (const seed of [1, 2, 755_455_118, 188_374_715, freshSeed()]) randomRule(open, seed);
  });
};

const randomRule = (open: OpenHistory, seed: number): void => {
  test(`[H22] after any requests, an epoch is heard without a hole or a repeat (seed ${seed})`, async () => {
    await using harness = await open({ historySize: 8 });
    const groups = ['one', 'two', 'three'];
    const heard = new Map<string, Message[]>(groups.map((group) => [group, []]));
    for (const [group, messages] of heard) await harness.listen(group, (message) => messages.push(message));
    const operations = createHistoryOperations(seed, groups);
    let appended = 0;

    for (let step = 0; step < 300; step += 1) {
      const operation = operations.next();
      const answer = await runHistoryOperation(harness, operation);
      if (operation.kind !== 'append') continue;
      const results = answer as readonly AppendResult[];
      operations.learn(results);
      await harness.settled();
      for (const [index, result] of results.entries()) {
        if (result.outcome !== 'appended' || operation.batches[index]?.messages.length === 0) continue;
        appended += 1;
        const { epoch, seq } = result.position;
        expect(
          heard.get(result.group)?.findLast((message) => message['seq'] === seq && message['epoch'] === epoch),
        ).toBeDefined();
      }
    }

    expect(appended).toBeGreaterThan(50);
    for (const messages of heard.values()) expectUnbrokenEpochs(messages);
  });
};

const expectUnbrokenEpochs = (messages: readonly Message[]): void => {
  const left = new Set<unknown>();
  for (const [index, message] of messages.entries()) {
    const before = messages[index - 1];
    if (before === undefined) continue;
    if (before['epoch'] === message['epoch']) {
      expect(message['seq']).toBe(Number(before['seq']) + 1);
      continue;
    }
    left.add(before['epoch']);
    expect(left).not.toContain(message['epoch']);
  }
};

/** The rules of SPEC-history.md for a lease without a rival. `open` returns a free lease for `owner`. */
export const leaseContract = (name: string, open: (owner: string) => Promise<Lease>): void => {
  describe(`${name} keeps the lease contract`, () => {
    test('[H40] acquire grants a free lease with a positive token, and a holder renews with the same one', async () => {
      const lease = await open('alpha');
      const token = await lease.acquire();
      expect(token).toBeGreaterThan(0);
      expect(Number.isSafeInteger(token)).toBe(true);
      expect(await lease.acquire()).toBe(token);
      expect(await lease.holder()).toEqual({ owner: 'alpha', token });
      await lease.release();
    });

    test('[H41] release gives it up, is idempotent, and the lease can be acquired again', async () => {
      const lease = await open('alpha');
      await lease.release();
      expect(await lease.holder()).toBeUndefined();
      const first = await lease.acquire();
      await lease.release();
      await lease.release();
      expect(await lease.holder()).toBeUndefined();
      expect(await lease.acquire()).toBeGreaterThanOrEqual(first ?? Number.POSITIVE_INFINITY);
      await lease.release();
    });
  });
};
