import { expect, test } from '@jest/globals';
import { acceptableOffers } from './deflate-offers.js';

test.each([
  [undefined, undefined],
  ['', undefined],
  ['permessage-deflate; client_max_window_bits', 'permessage-deflate; client_max_window_bits'],
  ['permessage-deflate; server_max_window_bits=15', 'permessage-deflate; server_max_window_bits=15'],
  ['permessage-deflate; server_max_window_bits=8', undefined],
  ['permessage-deflate;server_max_window_bits="10";client_max_window_bits', undefined],
  ['permessage-deflate; client_max_window_bits=9; server_max_window_bits = 14', undefined],
  ['permessage-deflate; client_max_window_bits=9', 'permessage-deflate; client_max_window_bits=9'],
  ['permessage-deflate; server_max_window_bits=12, permessage-deflate', ' permessage-deflate'],
  ['x-other; a=1, permessage-deflate; server_max_window_bits=9', undefined],
])('[GL36] from %j remains %j', (offers, left) => {
  expect(acceptableOffers(offers)).toBe(left);
});

// Spellings of 10 that a looser reader takes for it.
test.each(['010', '1e1', '0xa', '0b1010', '10.0', '"1\\0"'])('[GL36] a window of %s bits is declined', (bits) => {
  expect(acceptableOffers(`permessage-deflate; server_max_window_bits=${bits}`)).toBeUndefined();
});

test.each([
  'permessage-deflate; client_max_window_bits=7',
  'permessage-deflate; client_max_window_bits=16',
  'permessage-deflate; server_max_window_bits',
  'permessage-deflate; server_no_context_takeover=1',
  'permessage-deflate; client_max_window_bits; client_max_window_bits',
  'permessage-deflate; foo',
  'permessage-deflate; __proto__',
  'permessage-deflate; constructor=1',
  'x-webkit-deflate-frame',
  'bbf-usp-protocol; eid="doc"',
])('[GL260] the offer %j is declined, and leaves others', (offer) => {
  expect(acceptableOffers(offer)).toBeUndefined();
  expect(acceptableOffers(`${offer}, permessage-deflate`)).toBe(' permessage-deflate');
});

test.each([',', 'permessage-deflate;', 'a b', 'permessage-deflate; a="b,c"'])(
  '[GL260] %j is not a list of extensions, and stays as it is',
  (offers) => {
    expect(acceptableOffers(offers)).toBe(offers);
  },
);

test('[GL260] a header of 64 KiB does not make the reader repeat itself', () => {
  const long = `permessage-deflate${'; a="\\b"'.repeat(8_000)}!"`;
  expect(acceptableOffers(long)).toBe(long);
});
