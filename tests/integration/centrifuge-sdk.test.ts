import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PublicationContext, SubscribedContext } from 'centrifuge';
import { encodings, messageOf, openSdk, type Sdk, type SdkSubscription } from '../support/centrifuge-sdk.js';
import { firstEpoch, type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { patientMs, waitFor } from '../support/wait-for.js';

const btc = 'trade.sim.BTC-USD';

interface Followed {
  readonly subscription: SdkSubscription;
  readonly publications: PublicationContext[];
  readonly subscribed: SubscribedContext[];
  readonly offsets: () => number[];
}

describe.each(encodings)('the official SDK, unchanged, in %s', (encoding) => {
  let server: MemoryGateway;
  let proxy: TcpProxy;
  let client: Sdk;

  const follow = (channel: string, options: Parameters<Sdk['newSubscription']>[1] = {}): Followed => {
    const subscription = client.newSubscription(channel, options);
    const publications: PublicationContext[] = [];
    const subscribed: SubscribedContext[] = [];
    subscription.on('publication', (publication) => publications.push(publication));
    subscription.on('subscribed', (context) => subscribed.push(context));
    subscription.subscribe();
    return { subscription, publications, subscribed, offsets: () => publications.map(({ offset }) => Number(offset)) };
  };

  const publishMany = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) await server.publish(btc, { price: '1.10' });
  };

  const start = async (options?: Parameters<typeof startMemoryGateway>[0]): Promise<void> => {
    server = await startMemoryGateway(options);
    proxy = await startTcpProxy(server.gateway.port);
    client = openSdk(encoding, proxy.url);
    client.connect();
  };

  const stop = async (): Promise<void> => {
    client.disconnect();
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };

  beforeEach(() => start());
  afterEach(async () => {
    await stop();
  });

  it('[CF2] [CF10] connects, subscribes, and gets every publication', async () => {
    await publishMany(3);
    const { subscription, publications, subscribed, offsets } = follow(btc);
    await subscription.ready(patientMs(5_000));
    await publishMany(20);
    await waitFor('20 publications', () => publications.length >= 20);
    expect(offsets()).toEqual(Array.from({ length: 20 }, (_, index) => index + 4));
    expect(messageOf(publications[0]?.data)).toEqual({
      type: 'price.trade',
      price: '1.10',
      seq: 4,
      epoch: firstEpoch,
      pts: 1,
    });
    expect(subscribed[0]).toMatchObject({
      recoverable: true,
      positioned: true,
      wasRecovering: false,
      streamPosition: { offset: 3, epoch: firstEpoch },
    });
  });

  it('[CF11] reconnects by itself after a cut and recovers every publication', async () => {
    const { subscription, publications, subscribed, offsets } = follow(btc);
    await subscription.ready(patientMs(5_000));
    await publishMany(5);
    await waitFor('5 publications', () => publications.length >= 5);
    proxy.cut();
    await publishMany(7);
    await waitFor('all', () => publications.length >= 12);
    expect(offsets()).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(subscribed.at(-1)).toMatchObject({ wasRecovering: true, recovered: true });
  });

  it('[CF12] since: {} begins with the newest', async () => {
    await publishMany(9);
    const { publications, subscribed, offsets } = follow(btc, { since: {} as never });
    await waitFor('the newest', () => publications.length >= 1);
    expect(offsets()).toEqual([9]);
    expect(subscribed[0]).toMatchObject({ wasRecovering: true, recovered: true });
  });

  it('[CF11] since a position', async () => {
    await publishMany(9);
    const { publications, offsets } = follow(btc, { since: { offset: 6, epoch: firstEpoch } });
    await waitFor('three', () => publications.length >= 3);
    expect(offsets()).toEqual([7, 8, 9]);
  });

  it('[CF16] [CF17] data reaches the gateway', async () => {
    await publishMany(9);
    const data = encoding === 'JSON' ? { last: 4 } : Buffer.from('{"last":4}');
    const { publications, offsets } = follow(btc, { data });
    await waitFor('four', () => publications.length >= 4);
    expect(offsets()).toEqual([6, 7, 8, 9]);
  });

  it('[CF22] a loss makes it subscribe again; nothing comes twice, and its position is right', async () => {
    await publishMany(3);
    const { subscription, publications, subscribed } = follow(btc);
    await subscription.ready(patientMs(5_000));
    await publishMany(2);
    await waitFor('two', () => publications.length >= 2);
    await server.reset(btc, 'e2');
    await publishMany(4);
    await waitFor('the return', () => subscribed.length >= 2);
    expect(subscribed[1]).toMatchObject({ wasRecovering: true, recovered: false, streamPosition: { epoch: 'e2' } });
    const from = subscribed[1]?.streamPosition?.offset ?? 0;
    await publishMany(6);
    await waitFor('the newest', () => Number(publications.at(-1)?.offset) === 10);
    const seen = publications.slice(2).map(({ data }) => messageOf(data));
    expect(seen.map(({ epoch }) => epoch)).toEqual(seen.map(() => 'e2'));
    expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 10 - from }, (_, index) => from + 1 + index));
    // Cut off, it recovers from there.
    proxy.cut();
    await publishMany(3);
    await waitFor('the three', () => Number(publications.at(-1)?.offset) === 13);
    expect(subscribed.at(-1)).toMatchObject({ wasRecovering: true, recovered: true });
    expect(publications.map(({ offset }) => Number(offset)).slice(-3)).toEqual([11, 12, 13]);
  });

  it('[CF15] a channel that begins while it is followed is recovered', async () => {
    const { subscription, publications, subscribed, offsets } = follow(btc);
    await subscription.ready(patientMs(5_000));
    await publishMany(2);
    await waitFor('two', () => publications.length >= 2);
    proxy.cut();
    await publishMany(3);
    await waitFor('all', () => publications.length >= 5);
    expect(offsets()).toEqual([1, 2, 3, 4, 5]);
    expect(subscribed.at(-1)).toMatchObject({ wasRecovering: true, recovered: true });
  });

  it('[CF19] an unknown channel ends that subscription alone', async () => {
    const { subscription } = follow('trade.sim.NO-SUCH');
    const ended = await new Promise<{ code: number }>((resolve) => subscription.on('unsubscribed', resolve));
    expect(ended.code).toBe(102);
    await follow(btc).subscription.ready(patientMs(5_000));
  });

  it('[CF26] unsubscribe and subscribe again at once keep one stream', async () => {
    const { subscription, publications, offsets } = follow(btc);
    for (let i = 0; i < 5; i += 1) {
      subscription.unsubscribe();
      subscription.subscribe();
    }
    await subscription.ready(patientMs(5_000));
    await publishMany(5);
    await waitFor('five', () => publications.length >= 5);
    expect(offsets()).toEqual([1, 2, 3, 4, 5]);
  });

  it('[CF30] [CF32] history and presenceStats', async () => {
    await publishMany(5);
    const { subscription } = follow(btc);
    await subscription.ready(patientMs(5_000));
    const history = await subscription.history({ limit: 2, reverse: true });
    expect(history).toMatchObject({ epoch: firstEpoch, offset: 5 });
    expect(history.publications.map(({ offset }) => Number(offset))).toEqual([5, 4]);
    const since = await subscription.history({ limit: 10, since: { offset: 3, epoch: firstEpoch } });
    expect(since.publications.map(({ data }) => messageOf(data)['seq'])).toEqual([4, 5]);
    expect(await subscription.presenceStats()).toEqual({ numClients: 1, numUsers: 1 });
  });

  it('[CF33] what is not there is an error with its code', async () => {
    const data = encoding === 'JSON' ? {} : new Uint8Array();
    await client.ready(patientMs(5_000));
    await expect(client.publish(btc, data)).rejects.toMatchObject({ code: 108 });
    await expect(client.presence(btc)).rejects.toMatchObject({ code: 108 });
    await expect(client.rpc('any', data)).rejects.toMatchObject({ code: 104 });
    const disconnected = new Promise<{ code: number }>((resolve) => client.on('disconnected', resolve));
    await client.send(data);
    expect((await disconnected).code).toBe(3508);
  });

  it('[CF40] answers pings', async () => {
    await stop();
    await start({ env: { PING_MS: '250' } });
    const disconnects: unknown[] = [];
    await client.ready(patientMs(5_000));
    client.on('connecting', (context) => disconnects.push(context));
    const { subscription } = follow(btc);
    await subscription.ready(patientMs(5_000));
    const until = Date.now() + 1_000;
    await waitFor('four pings of time', () => Date.now() > until);
    expect(disconnects).toEqual([]);
  });
});
