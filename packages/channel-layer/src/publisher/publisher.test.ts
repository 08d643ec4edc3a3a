import { describe, expect, it } from '@jest/globals';
import { InvalidOwnChannels } from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import { LayerUnavailable } from '../errors.js';
import type { GroupLayer, Message } from '../layer.js';
import { createMemoryHistory } from '../memory/memory-history.js';
import { createMemoryLayer } from '../memory/memory-layer.js';
import { ChannelTakenOver } from './publish-own.js';
import { createPublisher, PublicationRejected, type PublisherEvent, type PublisherOptions } from './publisher.js';

const newBackend = () => {
  const layer = createMemoryLayer();
  return { layer, history: createMemoryHistory({ publish: (group, message) => layer.groupSend(group, message) }) };
};

const setUp = (options: Partial<PublisherOptions> = {}) => {
  const redis = newBackend();
  const publisher = createPublisher({
    redis,
    channels: { 'news.*': { historySize: 2 }, 'ticker.mine.*': {} },
    clock: createManualClock(),
    ...options,
  });
  const kept = async (group: string): Promise<readonly Message[]> =>
    (await redis.history.newest([group], 100))[0]?.messages ?? [];
  return { publisher, redis, kept };
};

const rejection = (reason: string, message: RegExp) =>
  expect.objectContaining({ name: 'PublicationRejected', reason, message: expect.stringMatching(message) });

describe('createPublisher', () => {
  it('[L200] gives each publication the next position, and keeps as many as the rule of its channel says', async () => {
    const { publisher, kept } = setUp();
    const first = await publisher.publish('news.today', { title: 'one' });
    expect(first).toEqual({ seq: 1, epoch: expect.any(String), isRepeat: false });
    await publisher.publish('news.today', ['any', 'JSON']);
    await publisher.publish('news.today', { title: 'three' }, { type: 'news.item' });
    expect(await kept('news.today')).toEqual([
      { type: 'data.json', data: ['any', 'JSON'], pts: expect.any(Number), epoch: first.epoch, seq: 2 },
      { type: 'news.item', title: 'three', pts: expect.any(Number), epoch: first.epoch, seq: 3 },
    ]);
    await publisher.close();
  });

  it('[L200] prices have their schema, and their symbols are announced to the gateways', async () => {
    const { publisher, kept } = setUp();
    await publisher.publish('ticker.mine.BTC-USD', { last: 61_000.5 });
    await publisher.close();
    expect(await kept('ticker.mine.BTC-USD')).toMatchObject([
      { type: 'price.ticker', venue: 'mine', symbol: 'BTC-USD', last: '61000.5' },
    ]);
    expect(await kept('tickwire.own-catalog')).toMatchObject([
      { symbols: [{ venue: 'mine', symbol: 'BTC-USD', own: { ticker: 'ticker.mine.BTC-USD' } }] },
    ]);
  });

  it('[L201] of many at once those of a channel are in the order of the calls; one that fails does not stop the others', async () => {
    const { publisher, redis } = setUp({ channels: 'news.*' });
    const results = await publisher.publishAll(
      Array.from({ length: 60 }, (_, index) => ({
        channel: `news.${index % 3}`,
        data: index < 57 ? index : undefined,
      })),
    );
    expect(results.map(({ status }) => status)).toEqual([
      ...Array<string>(57).fill('fulfilled'),
      ...Array<string>(3).fill('rejected'),
    ]);
    for (const [lane, range] of (await redis.history.newest(['news.0', 'news.1', 'news.2'], 100)).entries()) {
      expect(range.messages.map(({ data }) => data)).toEqual(Array.from({ length: 19 }, (_, at) => 3 * at + lane));
    }
    expect(publisher.counters).toEqual({
      published: 57,
      failed: 3,
      repeats: 0,
      waiting: 0,
      waitingBytes: 0,
      unlisted: 0,
    });
  });

  it('[L202] with a fence the later publisher takes over, and the earlier one fails with a clear error', async () => {
    const { publisher, redis } = setUp({ fence: true });
    const other = { redis, channels: 'news.*', fence: true };
    const [successor, anybody] = [createPublisher(other), createPublisher({ ...other, fence: false })];
    await publisher.publish('news.a', 1);
    await publisher.publish('news.a', 2);
    await expect(anybody.publish('news.a', 'forged')).rejects.toEqual(rejection('has-producer', /news\.a has a/));
    expect(await successor.publish('news.a', 3)).toMatchObject({ seq: 3 });
    const late = publisher.publish('news.a', 4);
    await expect(late).rejects.toBeInstanceOf(ChannelTakenOver);
    await expect(late).rejects.toThrow('news.a was taken over by another writer, with a newer fence');
    await expect(publisher.publish('news.a', 5)).rejects.toBeInstanceOf(ChannelTakenOver);
    expect(await publisher.publish('news.b', 1)).toMatchObject({ seq: 1 });
    expect(await successor.publish('news.a', 6)).toMatchObject({ seq: 4 });
  });

  it('[L202] a token of your own is the fence', async () => {
    const { redis } = setUp();
    const [old, newer] = [7, 8].map((fence) => createPublisher({ redis, channels: 'news.*', fence }));
    await newer?.publish('news.a', 1);
    await expect(old?.publish('news.a', 2)).rejects.toBeInstanceOf(ChannelTakenOver);
  });

  it('[L205] a key publishes once; other content under it is rejected', async () => {
    const { publisher, kept } = setUp();
    const options = { idempotencyKey: 'one' };
    const first = await publisher.publish('news.a', 1, options);
    expect(await publisher.publish('news.a', 1, options)).toEqual({ ...first, isRepeat: true });
    await expect(publisher.publish('news.a', 2, options)).rejects.toEqual(rejection('key-reused', /new idempotency/));
    expect(await kept('news.a')).toHaveLength(1);
  });

  it.each<[string, string, unknown, object, string, RegExp]>([
    ['no name of a channel', 'news a', 1, {}, 'bad-request', /name of a channel must be/],
    ['a channel that is not allowed', 'weather.a', 1, {}, 'not-allowed', /weather\.a is not allowed: no pattern/],
    ['a group of the gateways', 'tickwire.fleet', 1, {}, 'not-allowed', /is not allowed/],
    ['no price', 'ticker.mine.BTC-USD', { last: -1 }, {}, 'bad-request', /last of a ticker must be a decimal above/],
    ['a position', 'ticker.mine.BTC-USD', { last: 1, seq: 2 }, {}, 'bad-request', /seq is given by the server/],
    ['nothing', 'news.a', undefined, {}, 'bad-request', /is not JSON/],
    ['no JSON', 'news.a', 1n, {}, 'bad-request', /is not JSON/],
    ['too much', 'news.a', 'x'.repeat(65_536), {}, 'too-large', /has 65538 bytes as JSON, and maxBytes is 65536/],
    ['a number as a message', 'news.a', 1, { type: 'news.item' }, 'bad-request', /must be an object/],
    ['a type that Channels rejects', 'news.a', {}, { type: '_x' }, 'bad-request', /type/],
    ['an empty key', 'news.a', 1, { idempotencyKey: '' }, 'bad-request', /1 to 255 characters/],
  ])('[L205] %s is rejected, and nothing is published', async (_what, channel, data, options, reason, message) => {
    const { publisher, kept } = setUp();
    await expect(publisher.publish(channel, data, options)).rejects.toEqual(rejection(reason, message));
    if (reason !== 'bad-request' || channel.startsWith('news.')) expect(await kept('news.a')).toEqual([]);
  });

  it.each<[string, Partial<PublisherOptions>, new (...args: never[]) => Error, RegExp]>([
    ['no channels', { channels: '' }, RangeError, /names no channel/],
    ['a pattern that is none', { channels: '*' }, InvalidOwnChannels, /is not a pattern/],
    ['an option that is none', { channels: { 'a.*': { size: 5 } as object } }, InvalidOwnChannels, /size/],
    ['a fence that is none', { fence: 0 }, RangeError, /fence must be/],
    ['two places', { url: 'redis://localhost' }, RangeError, /give one/],
  ])('[L209] %s is an error at once', (_what, options, kind, message) => {
    expect(() => setUp(options)).toThrow(kind);
    expect(() => setUp(options)).toThrow(message);
  });

  it('[L209] a url that is none is an error at once', () => {
    expect(() => createPublisher({ channels: 'a.*', url: 'http://localhost' })).toThrow(
      /^url must be a URL such as redis/,
    );
  });

  it('[L207] newest is the newest that is kept, behind what waits', async () => {
    const { publisher } = setUp();
    expect(await publisher.newest('news.a')).toBeUndefined();
    void publisher.publish('news.a', 1);
    void publisher.publish('news.a', 2);
    expect(await publisher.newest('news.a')).toMatchObject({ type: 'data.json', data: 2, seq: 2 });
    await expect(publisher.newest('weather.a')).rejects.toEqual(rejection('not-allowed', /weather\.a/));
    await publisher.close();
    await expect(publisher.newest('news.a')).rejects.toEqual(rejection('closed', /is closed/));
  });

  it('[L206] close waits for what was accepted, and accepts no more; a layer that was given stays open', async () => {
    const { publisher, redis, kept } = setUp();
    const accepted = [publisher.publish('news.a', 1), publisher.publish('news.a', 2)];
    const closing = publisher.close();
    await expect(publisher.publish('news.a', 3)).rejects.toEqual(rejection('closed', /is closed/));
    await Promise.all([closing, publisher.close()]);
    expect((await Promise.all(accepted)).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(await kept('news.a')).toHaveLength(2);
    await redis.layer.groupSend('news.a', { type: 'still.open' });
  });

  it('[L265] symbols that cannot be announced are counted, reported once, and reported again at the end', async () => {
    const redis = newBackend();
    const events: PublisherEvent[] = [];
    const away = { ...redis.layer, groupListen: () => Promise.reject(new LayerUnavailable('away')) };
    const { publisher } = setUp({ redis: { ...redis, layer: away }, onEvent: (event) => events.push(event) });
    for (let at = 0; at < 1_002; at += 1) await publisher.publish(`ticker.mine.S${at}-USD`, { last: 1 });
    await publisher.publish('ticker.mine.S1001-USD', { last: 2 });
    expect(publisher.counters).toMatchObject({ published: 1_003, unlisted: 2 });
    expect(events).toEqual([{ type: 'catalog-full', venue: 'mine', symbol: 'S1000-USD', listed: 1_000 }]);
    await publisher.close();
    expect(events.slice(1)).toEqual([{ type: 'unlisted', error: expect.any(Error) }]);
  });

  it('[L265] a publisher closed right after its first price announces its symbol first', async () => {
    const redis = newBackend();
    const events: PublisherEvent[] = [];
    const groupListen: GroupLayer['groupListen'] = async (...args) => {
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return redis.layer.groupListen(...args);
    };
    const layer = { ...redis.layer, groupListen };
    const { publisher } = setUp({ redis: { ...redis, layer }, onEvent: (event) => events.push(event) });
    await publisher.publish('ticker.mine.BTC-USD', { last: 1 });
    await publisher.close();
    const [catalog] = await redis.history.newest(['tickwire.own-catalog'], 1);
    expect(catalog?.messages).toMatchObject([{ symbols: [{ symbol: 'BTC-USD' }] }]);
    expect(events).toEqual([]);
  });

  it('[L205] the error is a class of its own', async () => {
    const { publisher } = setUp();
    await expect(publisher.publish('x', 1)).rejects.toBeInstanceOf(PublicationRejected);
  });
});
