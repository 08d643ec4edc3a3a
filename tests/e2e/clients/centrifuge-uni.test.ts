import { spawn } from 'node:child_process';
import { once as onceEmitted } from 'node:events';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { startBrowser } from '../../support/browser.js';
import { asInstalled, prove } from '../../support/compatibility.js';
import { expectAll, type Seen } from '../../support/recovery-proof.js';
import { startTwoGateways, type TwoGateways } from '../../support/two-gateways.js';
import { waitFor } from '../../support/wait-for.js';

const trades = 'trade.sim.BTC-USD';
const others = 'trade.sim.ETH-USD';
const missed = 40;

const on = (all: readonly Seen[], channel: string): readonly Seen[] => all.filter((each) => each.channel === channel);

const protocol = 'One-way streams (server-sent events)';
const client = 'EventSource (Chromium)';
const recovered = 'gateway killed, back by itself on another, every missed one recovered';

describe('one-way streams and a gateway that is killed', () => {
  let gateways: TwoGateways;
  beforeAll(async () => {
    gateways = await startTwoGateways({ SYMBOLS: 'BTC-USD,ETH-USD', SIM_RATE: '40' });
    // A stream that begins before the first publication has no position to recover from until the next id.
    for (const channel of [trades, others])
      await waitFor(`${channel} to begin`, async () => (await gateways.published.top(channel)) > 0);
  });
  afterAll(async () => {
    await gateways?.[Symbol.asyncDispose]();
  });

  it('[US10] EventSource in a browser reconnects by itself: nothing missing, with one channel nothing twice', async () => {
    const checked = `one channel, and two in one stream; publications equal what was published; ${recovered}`;
    await prove({ protocol, client, version: asInstalled, checked }, async () => {
      const browser = await startBrowser();
      try {
        const page = await browser.newPage();
        await page.goto(`${gateways.url}/`);
        await page.evaluate(listenInPage, [
          `/connection/uni_sse?channel=${trades}`,
          `/connection/uni_sse?channel=${trades}&channel=${others}`,
        ]);
        const seen = () => page.evaluate(() => (globalThis as unknown as { seen: Seen[][] }).seen);
        await waitFor('publications on both streams', async () => {
          const [one = [], two = []] = await seen();
          return one.length >= 20 && on(two, trades).length >= 20 && on(two, others).length >= 20;
        });
        await gateways.failOver({ channel: trades, missed });
        const top = await gateways.published.top(trades);
        const [one = [], two = []] = await waitFor(
          'those that were missed and more',
          async () => {
            const all = await seen();
            return all.every((stream) => Number(on(stream, trades).at(-1)?.offset) >= top + 20) && all;
          },
          30_000,
        );
        await expectAll(gateways, trades, one);
        await expectAll(gateways, trades, once(on(two, trades)));
        await expectAll(gateways, others, once(on(two, others)));
      } finally {
        await browser.close();
      }
    });
  });

  it('[US10] curl -N, with the last id as a header', async () => {
    const checked = `publications equal what was published; gateway killed, called again with the last id as \`Last-Event-ID\`, every missed one recovered`;
    await prove({ protocol, client: 'curl -N', version: asInstalled, checked }, async () => {
      const url = `${gateways.url}/connection/uni_sse?channel=${trades}`;
      const first = await curl(
        url,
        '',
        (seen) => seen.length >= 20,
        () => gateways.failOver({ channel: trades, missed }),
      );
      const second = await curl(url, first.lastEventId, (seen) => seen.length >= missed + 20);
      await expectAll(gateways, trades, [...first.seen, ...second.seen]);
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
