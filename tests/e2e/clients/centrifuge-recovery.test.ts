import { spawn } from 'node:child_process';
import { once as onceEmitted } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../../support/browser.js';
import { type Encoding, encodings, messageOf, openSdk } from '../../support/centrifuge-sdk.js';
import { asInstalled, pinnedVersion, prove } from '../../support/compatibility.js';
import { isNightly } from '../../support/depth.js';
import {
  expectAll,
  type FollowingClient,
  proveRecovery,
  recoveryChecked,
  type Seen,
} from '../../support/recovery-proof.js';
import { startTwoGateways, type TwoGateways } from '../../support/two-gateways.js';
import { waitFor } from '../../support/wait-for.js';

const channel = 'trade.sim.BTC-USD';
const others = 'trade.sim.ETH-USD';
const missed = 40;

/** A page of the gateway that asks for little. */
const smallPage = '/examples/plain.html';

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
  await page.goto(`${url}${smallPage}`);
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

let gateways: TwoGateways;
let browser: Browser;
beforeAll(async () => {
  const market = { SYMBOLS: 'BTC-USD,ETH-USD', SIM_RATE: '40' };
  [gateways, browser] = await Promise.all([startTwoGateways(market), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await gateways?.[Symbol.asyncDispose]();
});

describe('the official JavaScript SDK, unchanged, and a gateway that is killed', () => {
  const about = (client: string) => ({
    protocol: 'Centrifuge',
    client,
    version: pinnedVersion('centrifuge'),
    checked: recoveryChecked,
  });

  interface Way {
    readonly client: string;
    readonly open: () => FollowingClient | Promise<FollowingClient>;
  }
  const inNode = (encoding: Encoding): Way => ({
    client: `centrifuge-js, ${encoding} (Node)`,
    open: () => followInNode(encoding, gateways.url),
  });
  const inChromium = (encoding: Encoding, transport: Transport = 'websocket'): Way => ({
    client: `centrifuge-js${transport === 'websocket' ? '' : ` over ${transport}`}, ${encoding} (Chromium)`,
    open: () => followInBrowser(browser, encoding, gateways.url, transport),
  });
  // Both places, both encodings and one way over HTTP, which lose the same gateway.
  const some = [inNode('Protobuf'), inChromium('JSON'), inChromium('JSON', 'sse')];
  const byNight = [
    ...[inNode('JSON'), inChromium('Protobuf')],
    ...encodings.map((encoding) => inChromium(encoding, 'http_stream')),
  ];

  it.each((isNightly ? [...some, ...byNight].map((way) => [way]) : [some]).map((ways) => ({ ways })))(
    '[CF60] [CF70] over WebSocket and HTTP: $ways.0.client',
    async ({ ways }) => {
      const clients: FollowingClient[] = [];
      try {
        for (const { open } of ways) clients.push(await open());
        const proof = proveRecovery(gateways, channel, ...clients);
        await Promise.all(ways.map(({ client }) => prove(about(client), () => proof)));
      } finally {
        for (const client of clients) await client[Symbol.asyncDispose]();
      }
    },
  );
});

const on = (all: readonly Seen[], channel: string): readonly Seen[] => all.filter((each) => each.channel === channel);

const oneWay = 'One-way streams (server-sent events)';
const recovered = 'gateway killed, back by itself on another, every missed one recovered';

describe('one-way streams and a gateway that is killed', () => {
  beforeAll(async () => {
    // A stream that begins before the first publication has no position to recover from until the next id.
    for (const each of [channel, others])
      await waitFor(`${each} to begin`, async () => (await gateways.published.top(each)) > 0);
  });

  it('[US10] EventSource in a browser reconnects by itself: nothing missing, with one channel nothing twice', async () => {
    const checked = `one channel, and two in one stream; publications equal what was published; ${recovered}`;
    await prove({ protocol: oneWay, client: 'EventSource (Chromium)', version: asInstalled, checked }, async () => {
      const page = await browser.newPage();
      await page.goto(`${gateways.url}${smallPage}`);
      await page.evaluate(listenInPage, [
        `/connection/uni_sse?channel=${channel}`,
        `/connection/uni_sse?channel=${channel}&channel=${others}`,
      ]);
      const seen = () => page.evaluate(() => (globalThis as unknown as { seen: Seen[][] }).seen);
      await waitFor('publications on both streams', async () => {
        const [one = [], two = []] = await seen();
        return one.length >= 20 && on(two, channel).length >= 20 && on(two, others).length >= 20;
      });
      await gateways.failOver({ channel: channel, missed });
      const top = await gateways.published.top(channel);
      const [one = [], two = []] = await waitFor(
        'those that were missed and more',
        async () => {
          const all = await seen();
          return all.every((stream) => Number(on(stream, channel).at(-1)?.offset) >= top + 20) && all;
        },
        30_000,
      );
      await expectAll(gateways, channel, one);
      await expectAll(gateways, channel, once(on(two, channel)));
      await expectAll(gateways, others, once(on(two, others)));
      await page.close();
    });
  });

  it('[US10] curl -N, with the last id as a header', async () => {
    const checked = `publications equal what was published; gateway killed, called again with the last id as \`Last-Event-ID\`, every missed one recovered`;
    await prove({ protocol: oneWay, client: 'curl -N', version: asInstalled, checked }, async () => {
      const url = `${gateways.url}/connection/uni_sse?channel=${channel}`;
      const first = await curl(
        url,
        '',
        (seen) => seen.length >= 20,
        () => gateways.failOver({ channel: channel, missed }),
      );
      const second = await curl(url, first.lastEventId, (seen) => seen.length >= missed + 20);
      await expectAll(gateways, channel, [...first.seen, ...second.seen]);
    });
  });
});

/** What came twice has the same offset. */
const once = (all: readonly Seen[]): readonly Seen[] => [...new Map(all.map((each) => [each.offset, each])).values()];

/** Runs in the page. */
const listenInPage = (paths: readonly string[]): void => {
  const page = globalThis as unknown as { seen: Seen[][] };
  page.seen = paths.map((path) => {
    const seen: Seen[] = [];
    new EventSource(path).onmessage = ({ data }) => {
      const { channel, pub } = JSON.parse(data) as { channel: string; pub?: { offset: number; data: unknown } };
      if (pub !== undefined) seen.push({ channel, offset: pub.offset, data: pub.data });
    };
    return seen;
  });
};

/** Reads with curl until enough is seen; then ends it, or lets `then` do that. */
const curl = async (
  url: string,
  lastEventId: string,
  isEnough: (seen: readonly Seen[]) => boolean,
  then?: () => Promise<void>,
): Promise<{ readonly seen: readonly Seen[]; readonly lastEventId: string }> => {
  const child = spawn('curl', ['-sN', '-H', `Last-Event-ID: ${lastEventId}`, url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = onceEmitted(child, 'close');
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const events = () =>
    text
      .split('\n\n')
      .slice(0, -1)
      .map((event) => Object.fromEntries(event.split('\n').map(fieldOf)));
  const seen = (): Seen[] =>
    events().flatMap(({ data = '{}' }) => {
      const { channel, pub } = JSON.parse(data);
      return pub === undefined ? [] : [{ channel, offset: pub.offset, data: pub.data }];
    });
  await waitFor('enough', () => isEnough(seen()));
  if (then === undefined) child.kill();
  else await then();
  await ended;
  return { seen: seen(), lastEventId: events().findLast(({ id }) => id !== undefined)?.['id'] ?? '' };
};

const fieldOf = (line: string): [string, string] => {
  const at = line.indexOf(': ');
  return [line.slice(0, at), line.slice(at + 2)];
};
