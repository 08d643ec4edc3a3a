import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import {
  type ConnectionState,
  channelsOf,
  createCandles,
  type Follower,
  follow,
  type MessageOf,
  watchState,
} from '@tickwire/client';
import { buildSync } from 'esbuild';
import { openSdk } from '../support/centrifuge-sdk.js';
import { startMemoryGateway } from '../support/memory-gateway.js';
import { waitFor } from '../support/wait-for.js';

const { trades, ticker, candles } = channelsOf('sim', 'BTC-USD');

const connect = (url: string) => {
  const client = openSdk('JSON', url);
  client.connect();
  return Object.assign(client, { [Symbol.dispose]: () => client.disconnect() });
};

describe('@tickwire/client', () => {
  it('[E125] follows channels with the types of their messages, from the newest on if asked for, until it is stopped', async () => {
    await using served = await startMemoryGateway();
    await served.publish(ticker, { type: 'price.ticker', last: '1.5' });
    using client = connect(served.url);
    const prices: string[] = [];
    // It compiles: the name of the channel says what a message of it holds.
    const note = ({ last }: MessageOf<typeof ticker>): void => void prices.push(last);
    const follower: Follower<MessageOf<typeof ticker>> = { onMessage: note };
    const stop = follow(client, ticker, follower, { last: 1 });
    await waitFor('the newest', () => prices.length === 1);
    await served.publish(ticker, { type: 'price.ticker', last: '1.6' });
    await waitFor('the next', () => prices.length === 2);
    expect(prices).toEqual(['1.5', '1.6']);
    stop();
    stop();
    const again = follow(client, ticker, { onMessage: ({ last }) => void prices.push(`again ${last}`) }, { last: 1 });
    await waitFor('the newest again', () => prices.length === 3);
    expect(prices.at(-1)).toBe('again 1.6');
    again();
  });

  it('[E125] reports a loss, and goes on behind it', async () => {
    await using served = await startMemoryGateway();
    await served.publish(trades, { price: '1' });
    using client = connect(served.url);
    const seen: string[] = [];
    const onLoss = (): void => void seen.push('loss');
    follow(client, trades, { onMessage: ({ price }) => void seen.push(price), onLoss }, { last: 1 });
    await waitFor('the first', () => seen.length === 1);
    await served.reset(trades, 'e2');
    await waitFor('the loss', async () => {
      await served.publish(trades, { price: '2' });
      return seen.includes('loss');
    });
    await waitFor('what comes next', async () => {
      await served.publish(trades, { price: '3' });
      return seen.at(-1) === '3';
    });
    expect(seen.filter((each) => each === 'loss')).toHaveLength(1);
  });

  it('[E125] says that a subscription ended, and why; a stop is not an end', async () => {
    await using served = await startMemoryGateway();
    using client = connect(served.url);
    const ends: string[] = [];
    const onEnd = (reason: string): void => void ends.push(reason);
    follow(client, 'trade.sim.NO-SUCH', { onMessage() {}, onEnd });
    await waitFor('the end', () => ends.length > 0);
    follow(client, trades, { onMessage() {}, onEnd })();
    expect(ends).toEqual(['unknown channel']);
  });

  it('[E125] the state is that of the connection, each once', async () => {
    await using served = await startMemoryGateway();
    const client = openSdk('JSON', served.url);
    const states: ConnectionState[] = [];
    const stop = watchState(client, (state) => void states.push(state));
    client.connect();
    await waitFor('live', () => states.at(-1) === 'live');
    client.emit('message', { data: { type: 'channel.stale', channel: ticker } });
    client.emit('message', { data: { type: 'channel.stale', channel: trades } });
    client.emit('message', { data: { type: 'channel.live', channel: ticker } });
    expect(states.at(-1)).toBe('stale');
    client.emit('message', { data: { type: 'channel.live', channel: trades } });
    client.emit('message', { data: 'hello' });
    client.disconnect();
    stop();
    client.connect();
    client.disconnect();
    expect(states).toEqual(['offline', 'connecting', 'live', 'stale', 'live', 'offline']);
  });

  it('[E126] bars of a channel become a list', async () => {
    await using served = await startMemoryGateway();
    using client = connect(served.url);
    const minutes = createCandles();
    follow(client, candles('1m'), { onMessage: minutes.add }, { last: 10 });
    for (const [start, close] of [
      [60_000, '1'],
      [60_000, '2'],
      [120_000, '3'],
    ] as const)
      await served.publish(candles('1m'), { type: 'price.bar', interval: '1m', start, close });
    await waitFor('two bars', () => minutes.bars.length === 2);
    expect(minutes.bars.map(({ close }) => close)).toEqual(['2', '3']);
  });

  it('[E127] is smaller than 5 kB, and brings nothing else along', () => {
    const entry = fileURLToPath(new URL('../../packages/client/src/index.ts', import.meta.url));
    const { outputFiles } = buildSync({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
    });
    const text = outputFiles[0]?.text ?? '';
    expect(text).not.toContain('import');
    expect(gzipSync(text).length).toBeLessThan(5_000);
  });
});
