import { expect, it } from '@jest/globals';
import { createReadOlderBars } from './older-bars.js';

it('[D82] older bars are asked for with their position, the token and a deadline', async () => {
  const asked: { readonly url: string; readonly init: RequestInit | undefined }[] = [];
  const fetch: typeof globalThis.fetch = async (url, init) => {
    asked.push({ url: String(url), init });
    return new Response(JSON.stringify({ recovered: true, messages: [] }));
  };
  expect(await createReadOlderBars(fetch, 'a token')('bar-1m.sim.BTC-USD', { epoch: 'e', seq: 7 })).toEqual([]);
  expect(asked[0]?.url).toBe('api/history?channel=bar-1m.sim.BTC-USD&before=e%3A7&limit=130');
  expect(asked[0]?.init).toMatchObject({ headers: { Authorization: 'Bearer a token' } });
  expect(asked[0]?.init?.signal).toBeInstanceOf(AbortSignal);
});

it.each([
  ['is refused', new Response('', { status: 503 })],
  ['began again', new Response(JSON.stringify({ recovered: false, messages: [] }))],
])('[D82] history that %s is an error', async (_what, response) => {
  const read = createReadOlderBars(async () => response, undefined);
  await expect(read('bar-1m.sim.BTC-USD', { epoch: 'e', seq: 7 })).rejects.toThrow(/history/);
});
