import { describe, expect, it } from '@jest/globals';
import type { Message } from '@tickwire/channel-layer';
import { createPublisherRig, type Heard } from '../testing/publisher-rig.js';
import type { Publisher } from './publisher.js';

describe('a message that history does not keep', () => {
  const bar = (start: number, closed: boolean, close = '1'): Message => ({
    type: 'price.bar',
    start,
    closed,
    close,
    rts: Date.now(),
    ts: start,
  });
  const outline = (heard: readonly Heard[]) =>
    heard.map(({ message }) => [message['start'], message['closed'], message['close'], message['seq']]);
  const settled = (publisher: Publisher): Promise<void> =>
    publisher.drained().then(() => new Promise((resolve) => setImmediate(resolve)));

  it('[P150] has no position and no place in history, and comes after messages queued before it', async () => {
    const { publisher, heard, store } = createPublisherRig();
    publisher.lead(1);
    publisher.publish('bar', bar(0, true));
    publisher.pass('bar', bar(1, false));
    await settled(publisher);
    publisher.pass('bar', bar(1, false, '2'));
    await settled(publisher);
    publisher.publish('bar', bar(1, true, '3'));
    await settled(publisher);
    expect(outline(heard)).toEqual([
      [0, true, '1', 1],
      [1, false, '1', undefined],
      [1, false, '2', undefined],
      [1, true, '3', 2],
    ]);
    expect(heard.every(({ message }) => typeof message['pts'] === 'number')).toBe(true);
    expect((await store.newest(['bar'], 10))[0]?.messages.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(publisher.counters()).toMatchObject({ published: 2, passed: 2, unpassed: 0 });
  });

  it('[P150] begins no history', async () => {
    const { publisher, heard, store } = createPublisherRig();
    publisher.lead(1);
    publisher.pass('day', bar(0, false));
    await settled(publisher);
    expect(outline(heard)).toEqual([[0, false, '1', undefined]]);
    expect((await store.newest(['day'], 1))[0]?.position).toBeNull();
  });

  it('[P151] is sent only if it is the newest that waits, and not after the message that replaced it', async () => {
    const { publisher, heard } = createPublisherRig();
    publisher.lead(1);
    for (const close of ['1', '2', '3']) publisher.pass('open', bar(1, false, close));
    publisher.pass('closed', bar(1, false));
    publisher.publish('closed', bar(1, true, '9'));
    await settled(publisher);
    expect(outline(heard.filter(({ group }) => group === 'open'))).toEqual([[1, false, '3', undefined]]);
    expect(outline(heard.filter(({ group }) => group === 'closed'))).toEqual([[1, true, '9', 1]]);
  });

  it('[P151] is dropped while this producer does not lead, and counted if the layer rejects it', async () => {
    const rig = createPublisherRig();
    rig.publisher.pass('g', bar(1, false));
    rig.publisher.lead(1);
    await settled(rig.publisher);
    rig.failure = 'before';
    rig.publisher.pass('g', bar(1, false));
    await settled(rig.publisher);
    expect(rig.heard).toEqual([]);
    expect(rig.publisher.counters()).toMatchObject({ passed: 0, unpassed: 1, overflowed: 0 });
  });
});
