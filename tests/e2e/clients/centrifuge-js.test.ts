import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startBrowser } from '../../support/browser.js';
import { encodings, messageOf, openSdk } from '../../support/centrifuge-sdk.js';
import { startTwoGateways, type TwoGateways } from '../../support/two-gateways.js';
import { waitFor } from '../../support/wait-for.js';

const channel = 'trade.sim.BTC-USD';
const missed = 40;

interface Seen {
  readonly offset: number;
  readonly data: unknown;
}

/** Everything from the first publication on, once, in order, as it stands in history. */
const expectAll = async ({ published }: TwoGateways, seen: readonly Seen[]): Promise<void> => {
  const first = seen[0]?.offset ?? 0;
  expect(seen.map(({ offset }) => offset)).toEqual(seen.map((_, index) => first + index));
  const messages = await published.range(channel, first, first + seen.length - 1);
  expect(seen.map(({ data }) => data)).toEqual(messages);
};

describe('the official JavaScript SDK, unchanged, and a gateway that is killed', () => {
  it.each(encodings)(
    '[CF60] in Node, %s',
    async (encoding) => {
      await using gateways = await startTwoGateways('BTC-USD');
      const client = openSdk(encoding, gateways.proxy.url);
      try {
        const seen: Seen[] = [];
        const recovered: boolean[] = [];
        const subscription = client.newSubscription(channel);
        subscription.on('publication', ({ offset, data }) =>
          seen.push({ offset: Number(offset), data: messageOf(data) }),
        );
        subscription.on('subscribed', (context) => recovered.push(context.recovered));
        subscription.subscribe();
        client.connect();
        await waitFor('publications', () => seen.length >= 20);
        await gateways.failOver(channel, missed);
        const before = seen.length;
        await waitFor('those that were missed and more', () => seen.length >= before + missed + 20, 20_000);
        expect(recovered).toEqual([false, true]);
        // As it is now: it goes on growing.
        await expectAll(gateways, [...seen]);
      } finally {
        client.disconnect();
      }
    },
    60_000,
  );

  it('[CF60] in a browser, JSON and Protobuf', async () => {
    await using gateways = await startTwoGateways('BTC-USD');
    const browser = await startBrowser();
    try {
      const dist = join(dirname(createRequire(import.meta.url).resolve('centrifuge')), '..', 'dist');
      const pages = await Promise.all(
        ['centrifuge.js', 'centrifuge.protobuf.js'].map(async (script) => {
          const page = await browser.newPage();
          await page.addInitScript({ path: join(dist, script) });
          await page.goto(`${gateways.proxy.url}/`);
          await page.evaluate(followInPage, channel);
          return page;
        }),
      );
      const seenBy = (index: number) =>
        pages[index]?.evaluate(() => (globalThis as unknown as { seen: Seen[] }).seen) ?? Promise.resolve([]);
      for (const [index] of pages.entries()) {
        await waitFor('publications', async () => (await seenBy(index)).length >= 20);
      }
      await gateways.failOver(channel, missed);
      for (const [index] of pages.entries()) {
        const before = (await seenBy(index)).length;
        const seen = await waitFor(
          'those that were missed and more',
          async () => {
            const now = await seenBy(index);
            return now.length >= before + missed + 20 && now;
          },
          30_000,
        );
        await expectAll(gateways, seen);
      }
    } finally {
      await browser.close();
    }
  }, 90_000);
});

/** Runs in the page, where the SDK is a global and the address of the gateway is the page's. */
const followInPage = (channel: string): void => {
  interface Client {
    newSubscription(channel: string): {
      on(event: 'publication', listener: (publication: { offset: number; data: unknown }) => void): void;
      subscribe(): void;
    };
    connect(): void;
  }
  const page = globalThis as unknown as { Centrifuge: new (url: string) => Client; seen: Seen[]; location: Location };
  const client = new page.Centrifuge(`ws://${page.location.host}/connection/websocket`);
  const subscription = client.newSubscription(channel);
  page.seen = [];
  subscription.on('publication', ({ offset, data }) => {
    const message = data instanceof Uint8Array ? JSON.parse(new TextDecoder().decode(data)) : data;
    page.seen.push({ offset, data: message });
  });
  subscription.subscribe();
  client.connect();
};
