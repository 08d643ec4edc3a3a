import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { createInflateCache } from './inflate-cache.js';

/** As the gateway's `deflatedFrame` makes its payload. */
const deflated = (text: string): Buffer => {
  const bytes = deflateRawSync(Buffer.from(text), { finishFlush: constants.Z_SYNC_FLUSH });
  return bytes.subarray(0, bytes.length - 4);
};

describe('createInflateCache', () => {
  test('[BN7] inflates what comes again only once, and each text to itself', () => {
    const cache = createInflateCache();
    const texts = Array.from({ length: 50 }, (_, index) => `{"seq":${index},"price":"${index * 7919}"}`);
    for (let client = 0; client < 10; client += 1) {
      for (const text of texts) {
        const bytes = Buffer.concat([Buffer.from('??'), deflated(text)]);
        expect(Buffer.from(cache.inflate(bytes, 2, bytes.length)).toString()).toBe(text);
      }
    }
    // Two that share a slot take turns in it.
    expect(cache.misses).toBeLessThan(texts.length * 2);
  });
});
