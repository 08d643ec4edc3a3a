import { afterEach, expect, test } from '@jest/globals';
import { createMemoryHistory, createMemoryLayer, type History } from '@tickwire/channel-layer';
import { createHub, createTurns, type Hub, type Turns } from '@tickwire/hub';
import { createReadTurns } from '../../limits/read-turns.js';
import { createAnswerPast } from '../../protocols/binance/past.js';
import { binanceEndpoints } from '../../protocols/binance/rest/endpoints.js';
import type { ApiHandler, ApiRequest } from './api.js';
import { historyHandler } from './history.js';
import { createServerMethods } from './server-api/methods.js';
import { createServerApi } from './server-api/server-api.js';
import { snapshotHandler } from './snapshot.js';

const symbolCount = 20;
const kept = 200;
const pageSize = 50;
const groupsPerCall = 64;
const atOnce = 4;
const messageBytes = 100;
const perTurn = 100;
const requests = 200;
const symbols = Array.from({ length: symbolCount }, (_, index) => `S${index}-USD`);
const channels = symbols.map((symbol) => `trade.sim.${symbol}`);

let hub: Hub;
afterEach(() => hub.close());

/** Sums by turn of the event loop. */
const createTurnSums = () => {
  let turn = 0;
  let timer = setImmediate(count);
  function count(): void {
    turn += 1;
    timer = setImmediate(count);
  }
  const sums = { decoded: new Map<number, number>(), encoded: new Map<number, number>() };
  return {
    add: (kind: keyof typeof sums, amount: number) => sums[kind].set(turn, (sums[kind].get(turn) ?? 0) + amount),
    most: (kind: keyof typeof sums) => Math.max(...sums[kind].values()),
    stop: () => clearImmediate(timer),
  };
};

const messageOf = (seq: number) => ({
  type: 'price.trade',
  seq,
  epoch: 'e1',
  ts: seq,
  rts: seq,
  text: 'x'.repeat(messageBytes),
  id: String(seq),
  price: '61234.50',
  size: '0.0300',
  side: 'sell',
});

const barOf = (seq: number) => ({
  type: 'price.bar',
  seq,
  epoch: 'e1',
  ts: seq,
  rts: seq,
  interval: '1s',
  start: seq * 1_000,
  closed: true,
  open: '61234.50',
  high: '61299.12',
  low: '61200.01',
  close: '61250.99',
  volume: '12.34567',
  quoteVolume: '756123.4512345',
  trades: 4,
});

/** As a venue has them, and counted as they are read. */
const openHistory = async (onDecoded: (messages: number) => void): Promise<History> => {
  const history = createMemoryHistory({ publish: () => {} });
  for (const symbol of symbols) {
    for (const [kind, message] of [['trade', messageOf] as const, ['bar-1s', barOf] as const]) {
      const messages = Array.from({ length: kept }, (_, index) => message(index + 1));
      await history.append([{ group: `${kind}.sim.${symbol}`, epoch: 'e1', firstSeq: 1, messages }], 1);
    }
  }
  return {
    ...history,
    async read(group, range) {
      const answer = await history.read(group, range);
      onDecoded(answer.messages.length);
      return answer;
    },
    async newest(groups, count) {
      const answers = await history.newest(groups, count);
      onDecoded(answers.reduce((sum, { messages }) => sum + messages.length, 0));
      return answers;
    },
  };
};

type Asking = readonly [handler: ApiHandler, request: Partial<ApiRequest>];
type Ask = (source: { hub: Hub; history: History; turns: Turns }, index: number) => Asking;

const query = (fields: Readonly<Record<string, string>>): Partial<ApiRequest> => ({
  query: new URLSearchParams(fields),
});
const catalog = { knows: () => true };
const binance =
  (path: string, fields: Readonly<Record<string, string>>): Ask =>
  (source, index) => {
    const entries = symbols.map((symbol) => ({ venue: 'sim', symbol }));
    const find = (name: string) => entries.find(({ symbol }) => symbol.replace('-', '') === name);
    const endpoints = binanceEndpoints({ past: createAnswerPast(source), symbols: { entries, find } });
    const handler = endpoints[path];
    if (handler === undefined) throw new Error(path);
    return [handler, query({ symbol: `S${index % symbolCount}USD`, limit: '1000', ...fields })];
  };

const serverHistory: Ask = ({ hub: of, turns }, index) => {
  const never = () => {
    throw new Error('not asked for');
  };
  const methods = createServerMethods({
    hub: of,
    catalog,
    turns,
    maxChannels: 1_000,
    countClients: never,
    own: { channels: { rules: [], find: () => undefined }, publish: never },
    nodes: { info: never, channels: never, disconnect: never, unsubscribe: never },
  });
  const api = createServerApi({ methods, checkKey: () => () => true, maxCommands: 1_000, onFailure: never });
  const handler = api.get('/history');
  if (handler === undefined) throw new Error('/history');
  return [handler, { body: { channel: channels[index % symbolCount], limit: 1_000 } }];
};

test.each<[string, Ask]>([
  [
    '/api/history',
    ({ hub: of, turns }, index) => [
      historyHandler({ hub: of, catalog, turns }),
      query({ channel: channels[index % symbolCount] ?? '', limit: '1000' }),
    ],
  ],
  [
    '/api/snapshot',
    (source) => [
      snapshotHandler({ ...source, catalog, maxChannels: 1_000, now: () => 0 }),
      query({ channels: channels.join(',') }),
    ],
  ],
  ['/api/v3/trades', binance('trades', {})],
  ['/api/v3/aggTrades?fromId=1', binance('aggTrades', { fromId: '1' })],
  ['/api/v3/klines', binance('klines', { interval: '1s' })],
  ["Centrifugo's history", serverHistory],
])('[GL50] [GL101] hundreds of requests for all of %s do little in any one turn of the event loop', async (_, ask) => {
  const layer = createMemoryLayer();
  const sums = createTurnSums();
  const history = await openHistory((messages) => sums.add('decoded', messages));
  hub = createHub({ source: { layer, history } });
  /** Time goes on with each item. */
  let at = 0;
  const real = createTurns({ perTurnMs: perTurn, now: () => at });
  const turns: Turns = {
    ...real,
    each: (items, work) =>
      real.each(items, (item) => {
        work(item);
        at += 1;
        sums.add('encoded', 1);
      }),
  };
  const readTurns = createReadTurns({ atOnce, maxWaiting: 1_000, maxOfAddress: 1_000, onRefused: () => {} });
  const answers = await Promise.all(
    Array.from({ length: requests }, async (_value, index) => {
      const [handler, request] = ask({ hub, history, turns }, index);
      const whole: ApiRequest = {
        query: new URLSearchParams(),
        header: () => undefined,
        body: undefined,
        address: '192.0.2.1',
        answered: Promise.resolve(),
        ...request,
      };
      const { body } = await readTurns.run('192.0.2.1', async () => handler(whole));
      return (body as Uint8Array).length;
    }),
  );
  sums.stop();
  expect(Math.min(...answers)).toBeGreaterThan(symbolCount * messageBytes);
  // A page each; our count of turns may see the end of one turn with all of the next.
  expect(sums.most('decoded')).toBeLessThanOrEqual(atOnce * Math.max(pageSize, groupsPerCall));
  expect(sums.most('encoded')).toBeLessThan(2 * perTurn);
  await layer.close();
});
