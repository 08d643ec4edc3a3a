import { describe, expect, it } from '@jest/globals';
import { Publication } from '@tickwire/hub';
import { publicationFields } from './plain-json-fields.js';

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
    { channel: 'b' },
    { skipped: 9 },
    { type: 'channel.lost', after: at, resumed: { seq: 9, epoch: 'e2' } },
    { type: 'channel.subscribed' },
  ])('[G112] that has fields of ours is put whole under message: %j', (fields) => {
    const message = { type: 'price.trade', ...at, ...fields };
    expect(fieldsOf(message)).toEqual({ channel: 'a', type: 'channel.message', message, ...at });
    expect(fieldsOf(message, 2)).toMatchObject({ channel: 'a', type: 'channel.message', skipped: 2 });
  });

  it('[G112] whose position means nothing here shows it inside of message alone', () => {
    const message = { type: 'price.trade', seq: 41, epoch: 'of another group' };
    expect(unpositioned(message)).toEqual({ channel: 'a', type: 'channel.message', message });
  });
});
