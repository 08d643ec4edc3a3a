import { describe, expect, it } from '@jest/globals';
import { askForSymbols, type SymbolsAnswer } from './symbols.js';

const btc = { venue: 'binance', symbol: 'BTC-USDT' };
const eth = { venue: 'binance', symbol: 'ETH-USDT' };

/** A server that gives these answers one after the other, and a clock that is advanced by the test. */
const start = (answers: readonly (readonly object[] | number | ResponseInit)[]) => {
  const heard: SymbolsAnswer[] = [];
  const delays: number[] = [];
  let due = (): void => {};
  let asked = 0;
  const fetch = async (): Promise<Response> => {
    const answer = answers[asked++] ?? 500;
    if (Array.isArray(answer)) return Response.json(answer);
    return new Response('', typeof answer === 'number' ? { status: answer } : (answer as ResponseInit));
  };
  askForSymbols({
    fetch,
    token: undefined,
    onAnswer: (answer) => heard.push(answer),
    after: (delayMs, callback) => {
      delays.push(delayMs);
      due = callback;
      return () => {};
    },
  });
  const next = async (): Promise<void> => {
    due();
    await settled();
  };
  return { heard, delays, next };
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the symbols of the page', () => {
  it('[D63] are asked for every second until there are some, and then once a minute', async () => {
    const { heard, delays, next } = start([503, [], [btc], [btc, eth]]);
    await settled();
    for (let i = 0; i < 3; i += 1) await next();
    expect(heard.map(({ kind }) => kind)).toEqual(['unreachable', 'none', 'symbols', 'symbols']);
    expect(heard.at(-1)).toEqual({ kind: 'symbols', symbols: [btc, eth] });
    expect(delays).toEqual([1_000, 1_000, 60_000, 60_000]);
  });

  it('[D321] cannot be known while the server says that it lost their source', async () => {
    const away = { status: 503, headers: { 'Content-Type': 'application/problem+json' } };
    const { heard, next } = start([away, [btc]]);
    await settled();
    await next();
    expect(heard.map(({ kind }) => kind)).toEqual(['away', 'symbols']);
  });

  it('[D63] stay as they are where the server cannot answer for a while; a rejected token is reported', async () => {
    const { heard, delays, next } = start([[btc], 503, [], 401]);
    await settled();
    for (let i = 0; i < 3; i += 1) await next();
    expect(heard.map(({ kind }) => kind)).toEqual(['symbols', 'refused']);
    expect(delays).toEqual([60_000, 60_000, 60_000]);
  });
});
