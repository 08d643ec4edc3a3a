import { expect, it } from '@jest/globals';
import { createNoticeLog } from './notice-log.js';

it('[P46] damaged frames make one line in ten seconds, with their number; other notices a line each', () => {
  const lines: [string, unknown][] = [];
  let at = 0;
  const write = (details: unknown, text?: string): void => {
    lines.push([text ?? '', details]);
  };
  const log = createNoticeLog({ logger: { info: write, warn: write }, now: () => at });
  const bad = { venue: 'kraken', kind: 'bad-frame', reason: 'no JSON', text: '{' } as const;
  for (at = 0; at < 25_000; at += 10) log(bad);
  log({ venue: 'binance', kind: 'lost', url: 'wss://one.example', reason: 'connection closed (1006)', waitMs: 5 });
  expect(lines).toEqual([
    ['feed bad-frame', { venue: 'kraken', reason: 'no JSON', text: '{', times: 1 }],
    ['feed bad-frame', { venue: 'kraken', reason: 'no JSON', text: '{', times: 1_000 }],
    ['feed bad-frame', { venue: 'kraken', reason: 'no JSON', text: '{', times: 1_000 }],
    ['feed lost', { venue: 'binance', url: 'wss://one.example', reason: 'connection closed (1006)', waitMs: 5 }],
  ]);
});
