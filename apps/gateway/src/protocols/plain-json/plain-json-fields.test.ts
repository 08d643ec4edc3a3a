import { describe, expect, it } from '@jest/globals';
import { Publication } from '@tickwire/hub';
import { publicationFields } from './plain-json-fields.js';
import { plainJsonFormat } from './plain-json-format.js';

const at = { seq: 7, epoch: 'e1' };
type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (message: Fields, skipped = 0): Fields =>
  publicationFields(new Publication('a', at, { type: 'price.trade', ...message }), skipped);
const unpositioned = (message: Fields): Fields =>
  publicationFields(new Publication('a', undefined, { type: 'price.trade', ...message }), 0);

describe('a publication on the plain JSON socket', () => {
  it('[G112] is the message and its channel', () => {
    expect(fieldsOf({ ...at, price: '1.10' })).toEqual({ channel: 'a', type: 'price.trade', ...at, price: '1.10' });
    expect(fieldsOf({ ...at, channel: 'a' }, 3)).toEqual({ channel: 'a', type: 'price.trade', ...at, skipped: 3 });
    expect(unpositioned({ text: 'hello' })).toEqual({ channel: 'a', type: 'price.trade', text: 'hello' });
  });

  it.each([
    { type: 'price.ticker', last: '1.10', ageMs: 900 },
    { type: 'feed.health', state: 'live', since: 1, ageMs: 20, reason: 'x' },
  ])('[G112] of the market has no fields of ours: $type', (message) => {
    expect(fieldsOf({ ...message, ...at })).toEqual({ channel: 'a', ...message, ...at });
  });

  it.each([
    { channel: 'b' },
    { skipped: 9 },
    { waitedMs: 9 },
    { type: 'channel.lost', after: at, resumed: { seq: 9, epoch: 'e2' } },
    { type: 'channel.subscribed' },
  ])('[G112] that has fields of ours is put whole under message: %j', (fields) => {
    const message = { type: 'price.trade', ...at, ...fields };
    expect(fieldsOf(message)).toEqual({ channel: 'a', type: 'channel.message', message, ...at });
    expect(fieldsOf(message, 2)).toMatchObject({ channel: 'a', type: 'channel.message', skipped: 2 });
  });

  it.each([{}, { channel: 'a' }, { channel: 'b' }, { skipped: 9 }, { type: 'channel.lost' }])(
    '[G112] has the same bytes if the layer had its JSON: %j',
    (fields) => {
      const format = plainJsonFormat({ isBatch: true, isCompressed: false, showsAge: false });
      const message = { type: 'price.trade', price: '1.10', ...at, ...fields };
      for (const skipped of [0, 3]) {
        const [encoded, asItCame] = [undefined, Buffer.from(JSON.stringify(message))].map((json) => {
          const publication = new Publication('a', at, message, 0, json);
          return Buffer.from(publication.encode(format, skipped)).toString();
        });
        expect(asItCame).toBe(encoded);
        expect(JSON.parse(asItCame ?? '')).toEqual(fieldsOf({ ...at, price: '1.10', ...fields }, skipped));
      }
    },
  );

  it('[G115] has its age beside what was skipped, where that is known', () => {
    const publication = new Publication('a', at, { type: 'price.trade', ...at });
    expect(publicationFields(publication, 3, 5_000)).toMatchObject({ skipped: 3, waitedMs: 5_000 });
    expect(publicationFields(publication, 3)).not.toHaveProperty('waitedMs');
    expect(publicationFields(publication, 0, 5_000)).not.toHaveProperty('waitedMs');
  });

  it('[G112] whose position means nothing here shows it inside of message alone', () => {
    const message = { type: 'price.trade', seq: 41, epoch: 'of another group' };
    expect(unpositioned(message)).toEqual({ channel: 'a', type: 'channel.message', message });
  });
});
