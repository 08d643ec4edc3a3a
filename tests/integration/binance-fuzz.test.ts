import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRandom } from '@tickwire/protocol/testing';
import { WebSocket } from 'ws';
import { rounds, testSeed } from '../support/depth.js';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { waitFor } from '../support/wait-for.js';

const seed = testSeed;
const connections = rounds(150);
/** One below the limit of messages, which has a test of its own. */
const messagesEach = 4;

const { next: random, below } = createRandom(seed);
const oneOf = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T;

const methods = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'];
const names = ['btcusd@trade', 'ethusd@ticker', '!miniTicker@arr', 'BTCUSD@trade', '', '@', 'a@b@c', '__proto__@trade'];
const oddities = [
  '1e400',
  '-0',
  '9'.repeat(400),
  '1.5',
  'null',
  'true',
  '""',
  '"\\u0000"',
  '{}',
  '[]',
  '"💥"',
  '"\\ud800"',
];

const deep = (depth: number): string =>
  random() < 0.5 ? `${'['.repeat(depth)}${']'.repeat(depth)}` : '{"a":'.repeat(depth);

const anyValue = (): string => {
  if (random() < 0.5) return oneOf(oddities);
  return JSON.stringify(oneOf([...names, ...methods, 'combined', below(1_000), null, true]));
};

const anyParams = (): string => {
  const kind = below(6);
  if (kind === 0) return anyValue();
  if (kind === 1) return deep(below(5_000));
  if (kind === 2) return JSON.stringify(Array.from({ length: below(3_000) }, (_, index) => `x${index}usd@trade`));
  return `[${Array.from({ length: below(5) }, anyValue).join(',')}]`;
};

const anyRequest = (): string => {
  const fields: string[] = [];
  if (random() < 0.9) fields.push(`"method":${random() < 0.8 ? JSON.stringify(oneOf(methods)) : anyValue()}`);
  if (random() < 0.8) fields.push(`"params":${anyParams()}`);
  if (random() < 0.9) fields.push(`"id":${anyValue()}`);
  if (random() < 0.1) fields.push(`"${'k'.repeat(below(1_000))}":${anyValue()}`);
  return `{${fields.sort(() => random() - 0.5).join(',')}}`;
};

const calls = ['ping', 'time', 'exchangeInfo', 'depth', 'trades.recent', 'klines', 'avgPrice', 'ticker', 'ticker.book'];
const fields = ['symbol', 'symbols', 'limit', 'interval', 'fromId', 'windowSize', 'permissions', 'apiKey', '__proto__'];
const anyCall = (): string => {
  const params = Array.from({ length: below(4) }, () => `${JSON.stringify(oneOf(fields))}:${anyField()}`);
  return `{"id":${random() < 0.7 ? below(1_000) : anyValue()},"method":"${oneOf(calls)}","params":{${params.join(',')}}}`;
};
const anyField = (): string => oneOf(['"BTCUSD"', '["BTCUSD","ETHUSD"]', '"1m"', '5', '-1', '[[]]', anyValue()]);

const broken = (text: string): string => {
  const at = below(text.length);
  return text.slice(0, at) + oneOf(['', '"', '\\', '\u0000', '}', '💥']) + text.slice(at + below(3));
};

const anyMessage = (): string | Buffer => {
  const kind = below(8);
  if (kind === 0) return broken(anyRequest());
  if (kind === 1) return deep(below(10_000));
  if (kind === 2) return Buffer.from(random() < 0.5 ? anyRequest() : Array.from({ length: 50 }, () => below(256)));
  if (kind === 3) return oneOf(['', 'ping', ' ', '\n', '[]', '5', 'null', '"text"', '\ufeff{}']);
  return anyRequest();
};

const anyPath = (): string =>
  oneOf(['/ws', '/stream', '/ws/btcusd@trade', '/stream?streams=', '/ws///', '/stream?streams=%00/💥/@@', '/ws/%252e']);

const isDocumentedAnswer = (message: unknown): boolean => {
  if (typeof message !== 'object' || message === null) return false;
  if ('result' in message) return 'id' in message;
  if (!('code' in message) || !('msg' in message) || typeof message.msg !== 'string') return false;
  const beginnings: Record<string, RegExp> = {
    0: /^Unknown property$/,
    1: /^Invalid value type: expected Boolean$/,
    2: /^Invalid request: /,
    3: /^Invalid JSON: expected value at line \d+ column \d+$/,
  };
  return beginnings[String(message.code)]?.test(message.msg) === true;
};

describe(`fuzzing the Binance streams, seed ${seed}`, () => {
  let served: MemoryGateway;
  beforeAll(async () => {
    served = await startMemoryGateway();
  });
  afterAll(async () => {
    await served[Symbol.asyncDispose]();
  });

  const open = async (path: string): Promise<WebSocket> => {
    const socket = new WebSocket(served.url.replace('http', 'ws') + encodeURI(path).replace(/%25/g, '%'));
    await once(socket, 'open');
    return socket;
  };

  it('[G43] every message gets one documented answer, in order, and nothing else happens', async () => {
    for (let i = 0; i < connections; i += 1) {
      const socket = await open(anyPath());
      const answers: unknown[] = [];
      let closedWith: number | undefined;
      socket.on('close', (code) => {
        closedWith = code;
      });
      socket.on('message', (data) => answers.push(JSON.parse(data.toString())));
      const sent = Array.from({ length: messagesEach }, anyMessage);
      for (const message of sent) socket.send(message, { binary: typeof message !== 'string' });
      const reported = `connection ${i}, seed ${seed}: ${sent.map((message) => message.toString().slice(0, 100)).join(' | ')}`;
      await waitFor(`answers, ${reported}`, () => {
        if (closedWith !== undefined) throw new Error(`closed with ${closedWith}, ${reported}`);
        return answers.length >= messagesEach;
      });
      const odd = answers.filter((answer) => !isDocumentedAnswer(answer));
      expect({ seed, odd, count: answers.length }).toEqual({ seed, odd: [], count: messagesEach });
      socket.terminate();
    }
  });

  it('[G271] over the WebSocket API every message gets one answer, whatever it is', async () => {
    for (let i = 0; i < connections; i += 1) {
      const socket = await open('/ws-api/v3');
      const answers: Record<string, unknown>[] = [];
      socket.on('message', (data) => answers.push(JSON.parse(data.toString())));
      const sent = Array.from({ length: messagesEach }, () => (random() < 0.5 ? anyCall() : anyMessage()));
      for (const message of sent) socket.send(message, { binary: typeof message !== 'string' });
      const what = `connection ${i}, seed ${seed}: ${sent.map((message) => message.toString().slice(0, 100)).join(' | ')}`;
      await waitFor(`answers, ${what}`, () => answers.length >= messagesEach);
      const odd = answers.filter(({ status, error }) => (status === 200) === (error !== undefined) || status === 503);
      expect({ seed, odd, count: answers.length }).toEqual({ seed, odd: [], count: messagesEach });
      socket.terminate();
    }
  });

  it.each([
    ['too large', 1009, (socket: WebSocket) => socket.send(`"${'x'.repeat(70_000)}"`)],
    [
      '100,000 subscriptions in one message',
      1009,
      (socket: WebSocket) =>
        socket.send(
          JSON.stringify({
            method: 'SUBSCRIBE',
            params: Array.from({ length: 100_000 }, (_, index) => `x${index}usd@trade`),
            id: 1,
          }),
        ),
    ],
    [
      '100,000 subscriptions in many',
      1008,
      (socket: WebSocket) => {
        for (let at = 0; at < 100_000; at += 1_000) {
          const params = Array.from({ length: 1_000 }, (_, index) => `x${at + index}usd@trade`);
          socket.send(JSON.stringify({ method: 'SUBSCRIBE', params, id: at }));
        }
      },
    ],
    ['text that is no UTF-8', 1007, (socket: WebSocket) => socket.send(Buffer.from([0xff, 0xfe]), { binary: false })],
    [
      'a flood of pings',
      1008,
      (socket: WebSocket) => {
        for (let i = 0; i < 1_000; i += 1) socket.ping();
      },
    ],
  ])('[G43] %s ends in close code %d', async (_what, expected, act) => {
    const socket = await open('/ws');
    socket.on('error', () => {});
    act(socket);
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(expected);
  });

  it('[G43] after all that the gateway serves as before', async () => {
    const socket = await open('/ws/btcusd@trade');
    const received: unknown[] = [];
    socket.on('message', (data) => received.push(JSON.parse(data.toString())));
    socket.send('{"method":"LIST_SUBSCRIPTIONS","id":1}');
    await waitFor('the answer', () => received.length === 1);
    const trade = { symbol: 'BTC-USD', ts: 5, id: '1', price: '1', size: '1', side: 'buy' };
    await served.publish('trade.sim.BTC-USD', trade);
    await waitFor('a trade', () => received.length === 2);
    expect(received[1]).toMatchObject({ e: 'trade', t: 1 });
    socket.terminate();
  });
});
