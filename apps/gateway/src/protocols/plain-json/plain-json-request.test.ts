import { describe, expect, it } from '@jest/globals';
import { parsePlainJsonRequest } from './plain-json-request.js';

describe('messages to the plain JSON socket', () => {
  it('[G12] [G13] are subscriptions and their ends, with the options of the URL', () => {
    expect(parsePlainJsonRequest('{"subscribe":["a","b","a"]}')).toEqual({
      subscribe: ['a', 'b'],
      unsubscribe: [],
      since: new Map(),
    });
    const all = { unsubscribe: ['c'], subscribe: ['a'], interval: 250, last: 0, since: { a: { seq: 7, epoch: 'x' } } };
    expect(parsePlainJsonRequest(JSON.stringify(all))).toEqual({
      subscribe: ['a'],
      unsubscribe: ['c'],
      intervalMs: 250,
      last: 0,
      since: new Map([['a', { seq: 7, epoch: 'x' }]]),
    });
  });

  const nothing = 'expected {"subscribe":["<channel>",…]} or {"unsubscribe":["<channel>",…]}';
  const sinceForm = 'since must be {"<channel>":{"seq":…,"epoch":…},…}';
  it.each([
    ['hello', nothing],
    ['5', nothing],
    ['null', nothing],
    ['{}', nothing],
    ['["subscribe"]', nothing],
    ['{"subscribe":"a"}', 'subscribe must be an array of channel names'],
    ['{"unsubscribe":{"a":1}}', 'unsubscribe must be an array of channel names'],
    ['{"subscribe":["a"],"interval":5}', 'interval must be a whole number from 20 to 60000'],
    ['{"subscribe":["a"],"interval":"250"}', 'interval must be a whole number from 20 to 60000'],
    ['{"subscribe":["a"],"last":1001}', 'last must be a whole number from 0 to 1000'],
    ['{"subscribe":["a"],"since":"a:x:7"}', sinceForm],
    ['{"subscribe":["a"],"since":{"a":7}}', sinceForm],
    ['{"subscribe":["a"],"since":{"a":{"seq":-1,"epoch":"x"}}}', sinceForm],
  ])('[G14] %s: %s', (text, reason) => {
    expect(parsePlainJsonRequest(text)).toBe(reason);
  });

  it('[G14] a name that is not a string is reported, binary is rejected', () => {
    expect(parsePlainJsonRequest('{"subscribe":[1]}')).toContain('subscribe ');
    expect(parsePlainJsonRequest(Buffer.from('{"subscribe":["a"]}'))).toBe(nothing);
  });
});
