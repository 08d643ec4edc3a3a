import { expect, test } from '@jest/globals';
import { createTurns } from '@tickwire/hub';
import { binanceEndpoints, walletEndpoints } from '../../../protocols/binance/rest/endpoints.js';
import { methodsNotOffered } from '../server-api/requests.js';
import { createServerApi } from '../server-api/server-api.js';
import { openApi } from './openapi.js';

type Paths = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const never = (): never => {
  throw new Error('not asked for');
};
const symbols = { entries: [], find: () => undefined };
const methods = {
  publish: never,
  broadcast: never,
  history: never,
  presence_stats: never,
  channels: never,
  info: never,
  unsubscribe: never,
  disconnect: never,
};

test("[G65] the document names every path of Binance's REST and of Centrifugo's server API, by its method", () => {
  const past = { turns: createTurns(), newest: never, newestOfEach: never };
  const gets = [
    ...Object.keys(binanceEndpoints({ past, symbols })).map((path) => `/api/v3/${path}`),
    ...Object.keys(walletEndpoints(symbols)).map((path) => `/sapi/v1/${path}`),
  ];
  const posts = [...createServerApi({ methods, checkKey: never, maxCommands: 1, onFailure: never }).keys()]
    .filter((path) => !methodsNotOffered.includes(path.slice(1)))
    .map((path) => `/api${path}`);
  const paths = openApi['paths'] as Paths;
  const ofMethod = (method: string): string[] =>
    Object.keys(paths).filter((path) => paths[path]?.[method] !== undefined);
  expect(ofMethod('post').sort()).toEqual(posts.sort());
  const ours = ['/api/symbols', '/api/snapshot', '/api/history', '/api/candles'];
  expect(ofMethod('get').sort()).toEqual([...ours, ...gets].sort());
  const ids = Object.values(paths).flatMap((path) =>
    Object.values(path).map((operation) => (operation as { operationId: string }).operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});
