import { describe, expect, it } from '@jest/globals';
import { createKeyCheck } from './api-key.js';

const key = 'a key of enough letters';
const request = (headers: Readonly<Record<string, string>>) => ({ header: (name: string) => headers[name] });

describe('the API key', () => {
  it.each([{ 'x-api-key': key }, { authorization: `Bearer ${key}` }, { authorization: `bearer ${key}` }])(
    '[G62] lets pass %j',
    (headers) => {
      expect(() => createKeyCheck(key)(request(headers as Record<string, string>))).not.toThrow();
    },
  );

  it.each([
    {},
    { 'x-api-key': '' },
    { 'x-api-key': `${key} ` },
    { 'x-api-key': key.slice(1) },
    { authorization: key },
    { authorization: `Basic ${key}` },
    { 'x-api-key': 'wrong', authorization: `Bearer ${key}` },
  ])('[G62] stops %j', (headers) => {
    const check = createKeyCheck(key);
    expect(() => check(request(headers as Record<string, string>))).toThrow(
      expect.objectContaining({ code: 'unauthorized' }),
    );
  });

  it('[G62] without one set nobody passes', () => {
    for (const headers of [{}, { 'x-api-key': '' }, { 'x-api-key': 'undefined' }]) {
      const check = createKeyCheck(undefined);
      expect(() => check(request(headers as Record<string, string>))).toThrow(
        expect.objectContaining({ code: 'publishing-off' }),
      );
    }
  });
});
