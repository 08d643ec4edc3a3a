import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { startBrowser } from '../../support/browser.js';
import { startTwoGateways, type TwoGateways } from '../../support/two-gateways.js';
import { waitFor } from '../../support/wait-for.js';

const trades = 'trade.sim.BTC-USD';
const others = 'trade.sim.ETH-USD';
const missed = 40;

interface Seen {
  readonly channel: string;
  readonly offset: number;
  readonly data: unknown;
}

/** Everything from the first publication of the channel on, in order, as it stands in history; not more than once where told. */
const expectAll = async ({ published }: TwoGateways, all: readonly Seen[], channel: string): Promise<void> => {
  const byOffset = new Map<number, unknown>();
  for (const each of all) if (each.channel === channel) byOffset.set(each.offset, each.data);
  const offsets = [...byOffset.keys()];
  const first = offsets[0] ?? 0;
  expect(offsets).toEqual(offsets.map((_, index) => first + index));
  expect([...byOffset.values()]).toEqual(await published.range(channel, first, first + offsets.length - 1));
};

const on = (all: readonly Seen[], channel: string): readonly Seen[] => all.filter((each) => each.channel === channel);

describe('one-way streams and a gateway that is killed', () => {
  it('[US10] EventSource in a browser comes back by itself: nothing missing, with one channel nothing twice', async () => {
    await using gateways = await startTwoGateways('BTC-USD,ETH-USD');
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${gateways.proxy.url}/`);
      await page.evaluate(listenInPage, [
        `/connection/uni_sse?channel=${trades}`,
        `/connection/uni_sse?channel=${trades}&channel=${others}`,
      ]);
      const seen = () => page.evaluate(() => (globalThis as unknown as { seen: Seen[][] }).seen);
      await waitFor('publications on both streams', async () => {
        const [one = [], two = []] = await seen();
        return one.length >= 20 && on(two, trades).length >= 20 && on(two, others).length >= 20;
      });
      await gateways.failOver(trades, missed);
      const top = await gateways.published.top(trades);
      const [one = [], two = []] = await waitFor(
        'those that were missed and more',
        async () => {
          const all = await seen();
          return all.every((stream) => Number(on(stream, trades).at(-1)?.offset) >= top + 20) && all;
        },
        30_000,
      );
      expect(one.map(({ offset }) => offset)).toEqual(one.map((_, index) => Number(one[0]?.offset) + index));
      await expectAll(gateways, one, trades);
      await expectAll(gateways, two, trades);
      await expectAll(gateways, two, others);
    } finally {
      await browser.close();
    }
  }, 90_000);

  it('[US10] curl -N, with the last id as a header', async () => {
    await using gateways = await startTwoGateways('BTC-USD');
    const url = `${gateways.proxy.url}/connection/uni_sse?channel=${trades}`;
    const first = await curl(
      url,
      '',
      (seen) => seen.length >= 20,
      () => gateways.failOver(trades, missed),
    );
    const second = await curl(url, first.lastEventId, (seen) => seen.length >= missed + 20);
    const all = [...first.seen, ...second.seen];
    expect(all.map(({ offset }) => offset)).toEqual(all.map((_, index) => Number(all[0]?.offset) + index));
    await expectAll(gateways, all, trades);
  }, 60_000);
});

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
  const ended = once(child, 'close');
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
