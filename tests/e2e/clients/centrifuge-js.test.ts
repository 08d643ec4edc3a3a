import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../../support/browser.js';
import { type Encoding, encodings, messageOf, openSdk } from '../../support/centrifuge-sdk.js';
import { pinnedVersion, prove } from '../../support/compatibility.js';
import { isNightly } from '../../support/depth.js';
import { type FollowingClient, proveRecovery, recoveryChecked, type Seen } from '../../support/recovery-proof.js';
import { startTwoGateways, type TwoGateways } from '../../support/two-gateways.js';

const channel = 'trade.sim.BTC-USD';

const followInNode = (encoding: Encoding, url: string): FollowingClient => {
  const client = openSdk(encoding, url);
  const seen: Seen[] = [];
  const recovered: boolean[] = [];
  const subscription = client.newSubscription(channel);
  subscription.on('publication', ({ offset, data }) => seen.push({ offset: Number(offset), data: messageOf(data) }));
  subscription.on('subscribed', (context) => recovered.push(context.recovered));
  subscription.subscribe();
  client.connect();
  return { seen: () => seen, recovered: () => recovered, [Symbol.asyncDispose]: async () => client.disconnect() };
};

type Transport = 'websocket' | 'http_stream' | 'sse';

const followInBrowser = async (
  browser: Browser,
  encoding: Encoding,
  url: string,
  transport: Transport = 'websocket',
): Promise<FollowingClient> => {
  const dist = join(dirname(createRequire(import.meta.url).resolve('centrifuge')), '..', 'dist');
  const page = await browser.newPage();
  await page.addInitScript({ path: join(dist, encoding === 'JSON' ? 'centrifuge.js' : 'centrifuge.protobuf.js') });
  await page.goto(`${url}/`);
  await page.evaluate(followInPage, [channel, transport] as const);
  return {
    seen: () => page.evaluate(() => (globalThis as unknown as { seen: Seen[] }).seen),
    [Symbol.asyncDispose]: () => page.close(),
  };
};

/** Runs in the page, where the SDK is a global and the address of the gateway is the page's. */
const followInPage = ([followed, transport]: readonly [string, Transport]): void => {
  interface Client {
    newSubscription(channel: string): {
      on(event: 'publication', listener: (publication: { offset: number; data: unknown }) => void): void;
      subscribe(): void;
    };
    connect(): void;
  }
  interface Page {
    readonly Centrifuge: new (transports: readonly object[], options: object) => Client;
    readonly location: Location;
    seen: Seen[];
  }
  const page = globalThis as unknown as Page;
  const { host } = page.location;
  const endpoint = `${transport === 'websocket' ? 'ws' : 'http'}://${host}/connection/${transport}`;
  const client = new page.Centrifuge([{ transport, endpoint }], { emulationEndpoint: `http://${host}/emulation` });
  const subscription = client.newSubscription(followed);
  page.seen = [];
  subscription.on('publication', ({ offset, data }) => {
    const message = data instanceof Uint8Array ? JSON.parse(new TextDecoder().decode(data)) : data;
    page.seen.push({ offset, data: message });
  });
  subscription.subscribe();
  client.connect();
};

describe('the official JavaScript SDK, unchanged, and a gateway that is killed', () => {
  let gateways: TwoGateways;
  let browser: Browser;
  beforeAll(async () => {
    [gateways, browser] = await Promise.all([startTwoGateways({ SYMBOLS: 'BTC-USD', SIM_RATE: '40' }), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await gateways?.[Symbol.asyncDispose]();
  });

  const about = (client: string) => ({
    protocol: 'Centrifuge',
    client,
    version: pinnedVersion('centrifuge'),
    checked: recoveryChecked,
  });

  const places = ['Node', 'Chromium'] as const;
  const all = places.flatMap((place) => encodings.map((encoding) => [place, encoding] as const));
  // Both places and both encodings, once each.
  const some = [['Node', 'Protobuf'] as const, ['Chromium', 'JSON'] as const];

  const overHttp = [
    ['http_stream', 'JSON'],
    ['http_stream', 'Protobuf'],
    ['sse', 'JSON'],
  ] as const;

  it.each(isNightly ? overHttp : overHttp.slice(2))('[CF70] in Chromium over %s, %s', async (transport, encoding) => {
    await prove(about(`centrifuge-js over ${transport}, ${encoding} (Chromium)`), async () => {
      await using client = await followInBrowser(browser, encoding, gateways.url, transport);
      await proveRecovery(gateways, channel, client);
    });
  });

  it.each(isNightly ? all : some)('[CF60] in %s, %s', async (place, encoding) => {
    await prove(about(`centrifuge-js, ${encoding} (${place})`), async () => {
      await using client =
        place === 'Node'
          ? followInNode(encoding, gateways.url)
          : await followInBrowser(browser, encoding, gateways.url);
      await proveRecovery(gateways, channel, client);
    });
  });
});
