import { describe, expect, test } from '@jest/globals';
import { createMailbox, type Mailbox } from './mailbox.js';

interface Fixture {
  readonly mailbox: Mailbox;
  readonly drops: string[];
  readonly clock: { nowMs: number };
}

const create = (capacity = 3): Fixture => {
  const clock = { nowMs: 0 };
  const drops: string[] = [];
  const mailbox = createMailbox({
    capacity,
    expiryMs: 1_000,
    now: () => clock.nowMs,
    onDropped: (reason) => drops.push(reason),
  });
  return { mailbox, drops, clock };
};

const letter = (value: number): Uint8Array => Uint8Array.of(value);
const drain = async (mailbox: Mailbox): Promise<number[]> => {
  const values: number[] = [];
  while (mailbox.size > 0) values.push((await mailbox.take())[0] ?? -1);
  return values;
};

describe('mailbox', () => {
  test('[L8] push to a full mailbox drops the oldest and reports it', async () => {
    const { mailbox, drops } = create();
    for (const value of [1, 2, 3, 4, 5]) mailbox.push(letter(value));
    expect(drops).toEqual(['full', 'full']);
    expect(await drain(mailbox)).toEqual([3, 4, 5]);
  });

  test('[L8] offer to a full mailbox stores nothing', async () => {
    const { mailbox, drops } = create();
    expect([1, 2, 3, 4].map((value) => mailbox.offer(letter(value)))).toEqual([true, true, true, false]);
    expect(drops).toEqual([]);
    expect(await drain(mailbox)).toEqual([1, 2, 3]);
  });

  test('[L12 #26] after 10000 puts exactly the newest 100 are left', async () => {
    const { mailbox, drops } = create(100);
    for (let value = 0; value < 10_000; value += 1) mailbox.push(letter(value % 256));
    expect(mailbox.size).toBe(100);
    expect(drops).toHaveLength(9_900);
    expect(await drain(mailbox)).toEqual(Array.from({ length: 100 }, (_, index) => (9_900 + index) % 256));
  });

  test('[L7] each message wakes the reader that has waited longest', async () => {
    const { mailbox } = create();
    const reads = [mailbox.take(), mailbox.take()];
    expect(mailbox.readers).toBe(2);
    mailbox.push(letter(1));
    mailbox.push(letter(2));
    mailbox.push(letter(3));
    expect((await Promise.all(reads)).map(([value]) => value)).toEqual([1, 2]);
    expect(mailbox.size).toBe(1);
  });

  test('[L7] an aborted reader rejects with the reason and takes no message', async () => {
    const { mailbox } = create();
    const abort = new AbortController();
    const read = mailbox.take(abort.signal);
    abort.abort(new Error('enough'));
    mailbox.push(letter(1));
    await expect(read).rejects.toThrow('enough');
    await expect(mailbox.take(abort.signal)).rejects.toThrow('enough');
    expect(await drain(mailbox)).toEqual([1]);
  });

  test('[L7] an abort after the message was delivered changes nothing', async () => {
    const { mailbox } = create();
    const abort = new AbortController();
    const read = mailbox.take(abort.signal);
    mailbox.push(letter(1));
    abort.abort();
    expect(await read).toEqual(letter(1));
  });

  test('[L9] a message expires when its time is over, not a millisecond before', async () => {
    const { mailbox, drops, clock } = create();
    mailbox.push(letter(1));
    clock.nowMs = 500;
    mailbox.push(letter(2));
    clock.nowMs = 999;
    expect(mailbox.sweep()).toBe(1_000);
    expect(mailbox.size).toBe(2);
    clock.nowMs = 1_000;
    expect(mailbox.sweep()).toBe(1_500);
    expect(drops).toEqual(['expired']);
    expect(await drain(mailbox)).toEqual([2]);
    expect(mailbox.sweep()).toBe(Number.POSITIVE_INFINITY);
  });

  test('[L9] an expired message is never read, and its place is free', async () => {
    const { mailbox, drops, clock } = create(1);
    mailbox.push(letter(1));
    clock.nowMs = 1_000;
    expect(mailbox.offer(letter(2))).toBe(true);
    expect(drops).toEqual(['expired']);
    clock.nowMs = 2_000;
    const read = mailbox.take();
    mailbox.push(letter(3));
    expect(await read).toEqual(letter(3));
  });

  test('[L15] closing rejects the readers, now and later, and drops the messages', async () => {
    const { mailbox } = create();
    const read = mailbox.take();
    mailbox.close(new Error('gone'));
    mailbox.push(letter(1));
    await expect(read).rejects.toThrow('gone');
    await expect(mailbox.take()).rejects.toThrow('gone');
    expect(mailbox.size).toBe(0);
  });
});
