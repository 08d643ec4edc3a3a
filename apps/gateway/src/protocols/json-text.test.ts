import { describe, expect, it } from '@jest/globals';
import { Publication } from '@tickwire/hub';
import { jsonCodec } from './centrifuge/json-codec.js';
import { protobufCodec } from './centrifuge/protobuf-codec.js';
import { dataOf } from './json-text.js';

describe('free data', () => {
  it('[G188] is what a client of the Centrifuge protocol gets, in both encodings; other messages are whole', () => {
    const texts = [{ type: 'data.json', data: [1, 'ä'], pts: 5 }, { type: 'x', data: 5 }, { type: 'data.json' }].map(
      (message) => {
        const publication = new Publication('news.a', undefined, message);
        return [jsonCodec, protobufCodec].map((codec) =>
          Buffer.from(codec.encodePublication(publication, 0)).toString(),
        );
      },
    );
    for (const text of texts[0] ?? []) {
      expect(text).toContain('[1,"ä"]');
      expect(text).not.toContain('data.json');
    }
    for (const text of texts[1] ?? []) expect(text).toContain('{"type":"x","data":5}');
    for (const text of texts[2] ?? []) expect(text).toContain('{"type":"data.json"}');
    expect(dataOf({ type: 'data.json', data: null })).toBeNull();
  });
});
