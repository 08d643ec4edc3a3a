import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { firstEpoch, type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { connectPlain, type PlainClient } from '../support/plain-client.js';
import { waitFor } from '../support/wait-for.js';

const trades = 'trade.sim.BTC-USD';
const tickers = 'ticker.sim.BTC-USD';

describe('messages of a client on /ws/prediction/', () => {
  let served: MemoryGateway;
  let isStalled = false;

  const start = async (env: Readonly<Record<string, string>> = {}): Promise<void> => {
    await served?.[Symbol.asyncDispose]();
    served = await startMemoryGateway({
      env,
      onRead: async () => {
        if (isStalled) await waitFor('reads to go on', () => !isStalled, 30_000);
      },
    });
  };
  beforeEach(() => start());
  afterEach(async () => {
    isStalled = false;
    await served[Symbol.asyncDispose]();
  });

  const connect = (query = ''): Promise<PlainClient> => connectPlain(`${served.url}/ws/prediction/${query}`);
  const send = (client: PlainClient, message: unknown): void => client.socket.send(JSON.stringify(message));
  const brief = ({ messages }: PlainClient): unknown[] =>
    messages.map(({ type, seq, channel }) => (seq === undefined ? `${String(type)} ${String(channel)}` : seq));

  it('[G12] subscribe: first the position of the channel, then the newest, then all that follows', async () => {
    for (let i = 0; i < 5; i += 1) await served.publish(trades);
    using client = await connect();
    send(client, { subscribe: [trades], last: 2 });
    await client.until('the newest', ({ seq }) => seq === 5);
    await served.publish(trades);
    await client.until('the next', ({ seq }) => seq === 6);
    expect(client.messages[0]).toEqual({
      type: 'channel.subscribed',
      channel: trades,
      position: { seq: 5, epoch: firstEpoch },
    });
    expect(brief(client).slice(1)).toEqual([4, 5, 6]);
    expect(client.messages[1]).toMatchObject({ channel: trades, type: 'price.trade' });
  });

  it('[G12] several channels, one with a position to go on from, beside those of the URL', async () => {
    for (let i = 0; i < 5; i += 1) await served.publish(trades);
    using client = await connect(`?channels=${tickers}`);
    send(client, { subscribe: [trades, 'bar-1s.sim.BTC-USD'], since: { [trades]: { seq: 2, epoch: firstEpoch } } });
    await client.until('the other', ({ channel }) => channel === 'bar-1s.sim.BTC-USD');
    await served.publish(tickers, { type: 'price.ticker' });
    await client.until('a ticker', ({ type }) => type === 'price.ticker');
    const ofTrades = client.messages.filter(({ channel }) => channel === trades);
    expect(ofTrades.map(({ type, recovered, seq }) => seq ?? recovered ?? type)).toEqual([
      ...['channel.subscribed', true, 3, 4, 5],
    ]);
  });

  it('[G12] interval: the newest at the end of each; asking again changes it', async () => {
    using client = await connect();
    send(client, { subscribe: [trades], interval: 100, last: 0 });
    await client.until('the answer', ({ type }) => type === 'channel.subscribed');
    for (let i = 0; i < 50; i += 1) await served.publish(trades);
    await client.until('the newest', ({ seq }) => seq === 50);
    expect(client.messages.length).toBeLessThan(10);
    send(client, { subscribe: [trades], last: 0 });
    await waitFor('the second answer', () => brief(client).filter((each) => typeof each === 'string').length === 2);
    const before = client.messages.length;
    for (let i = 0; i < 20; i += 1) await served.publish(trades);
    await client.until('the newest', ({ seq }) => seq === 70);
    expect(client.messages.length - before).toBe(20);
  });

  it('[G13] unsubscribe: nothing of the channel after the answer', async () => {
    using client = await connect(`?channels=${trades},${tickers}`);
    send(client, { subscribe: [] });
    send(client, { unsubscribe: [trades, 'never.subscribed'] });
    await client.until('the answer', ({ channel }) => channel === 'never.subscribed');
    await served.publish(trades);
    await served.publish(tickers, { type: 'price.ticker' });
    await client.until('a ticker', ({ type }) => type === 'price.ticker');
    expect(brief(client)).toEqual([...[`channel.unsubscribed ${trades}`, 'channel.unsubscribed never.subscribed', 1]]);
  });

  it('[G13] in one message the ends come first, and what follows in order', async () => {
    using client = await connect(`?channels=${trades}&last=0`);
    send(client, { subscribe: [tickers], unsubscribe: [trades] });
    send(client, { subscribe: [trades], unsubscribe: [tickers] });
    await waitFor('four answers', () => client.messages.length === 4);
    expect(brief(client)).toEqual([
      ...[`channel.unsubscribed ${trades}`, `channel.subscribed ${tickers}`],
      ...[`channel.unsubscribed ${tickers}`, `channel.subscribed ${trades}`],
    ]);
  });

  it('[G14] what cannot be had is refused by itself', async () => {
    await start({ MAX_CHANNELS: '2' });
    using client = await connect();
    client.socket.send('hello');
    client.socket.send(Buffer.from([1, 2, 3]), { binary: true });
    send(client, { subscribe: [trades, 'trade.sim.NO-SUCH', tickers, 'bar-1s.sim.BTC-USD', 'nonsense'] });
    await waitFor('all answers', () => client.messages.length >= 7);
    const reported = client.messages.map(({ type, channel, reason }) => [type, channel, reason]);
    const form = 'expected {"subscribe":["<channel>",…]} or {"unsubscribe":["<channel>",…]}';
    expect(reported.slice(0, 2)).toEqual([
      ['error', undefined, form],
      ['error', undefined, form],
    ]);
    const byChannel = Object.fromEntries(reported.slice(2).map(([type, channel, reason]) => [channel, [type, reason]]));
    expect(byChannel).toEqual({
      [trades]: ['channel.subscribed', undefined],
      [tickers]: ['channel.subscribed', undefined],
      'trade.sim.NO-SUCH': ['channel.refused', 'unknown channel: see /api/symbols'],
      nonsense: ['channel.refused', 'unknown channel: see /api/symbols'],
      'bar-1s.sim.BTC-USD': ['channel.refused', 'more than 2 channels'],
    });
    await served.publish(trades);
    await client.until('a trade', ({ seq }) => seq === 1);
  });

  it.each([
    [`?chanels=${trades}`, 'chanels is unknown: did you mean channels?'],
    [`?channels=${trades}&intervall=100`, 'intervall is unknown: did you mean interval?'],
    [`?channels=${trades}&last=1&last=2`, 'last is given more than once'],
    [`?channels=${trades}&symbol=BTC-USD`, 'symbol cannot be combined with channels'],
    ['?symbol=BTC-USD&interval=100', 'interval needs channels'],
  ])('[G210] no parameter is ignored: %s', async (query, reason) => {
    using client = await connect(query);
    expect(await client.closed).toEqual({ code: 3501, reason });
  });

  it('[G210] no field of a message is ignored', async () => {
    using client = await connect(`?channels=${trades}&last=0&utm_source=page`);
    send(client, { subscribe: [tickers], intervall: 100 });
    const answer = await client.until('the answer', ({ type }) => type === 'error');
    expect(answer['reason']).toBe('intervall is unknown: did you mean interval?');
    await served.publish(trades);
    await client.until('the channel before', ({ seq }) => seq === 1);
  });

  it('[G15] the first subscribe takes the place of the price every second', async () => {
    await served.publish(tickers, { type: 'price.ticker', last: '5', ts: 1 });
    using stays = await connect();
    using changes = await connect();
    const prices = (client: PlainClient): number => client.messages.filter(({ price }) => price === 5).length;
    await waitFor('prices', () => prices(stays) > 0 && prices(changes) > 0);
    send(changes, { subscribe: [trades] });
    await changes.until('the answer', ({ type }) => type === 'channel.subscribed');
    const before = { stays: prices(stays), changes: prices(changes) };
    await waitFor('prices', () => prices(stays) >= before.stays + 2);
    expect(prices(changes)).toBe(before.changes);
  });

  it('[G16] a client that asks faster than it can be served is closed', async () => {
    using client = await connect(`?channels=${trades}`);
    isStalled = true;
    for (let i = 0; i < 70; i += 1) send(client, { subscribe: ['bar-1m.sim.BTC-USD'] });
    expect(await client.closed).toMatchObject({ code: 3013, reason: 'too many requests' });
  });
});
