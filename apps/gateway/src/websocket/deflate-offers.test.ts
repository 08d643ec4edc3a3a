import { expect, test } from '@jest/globals';
import { acceptableOffers } from './deflate-offers.js';

test.each([
  [undefined, undefined],
  ['', ''],
  ['permessage-deflate; client_max_window_bits', 'permessage-deflate; client_max_window_bits'],
  ['permessage-deflate; server_max_window_bits=15', 'permessage-deflate; server_max_window_bits=15'],
  ['permessage-deflate; server_max_window_bits=8', undefined],
  ['permessage-deflate;server_max_window_bits="10";client_max_window_bits', undefined],
  ['permessage-deflate; client_max_window_bits=9; server_max_window_bits = 14', undefined],
  ['permessage-deflate; client_max_window_bits=9', 'permessage-deflate; client_max_window_bits=9'],
  ['permessage-deflate; server_max_window_bits=12, permessage-deflate', ' permessage-deflate'],
  ['x-other; a=1, permessage-deflate; server_max_window_bits=9', 'x-other; a=1'],
])('[GL36] from %j remains %j', (offers, left) => {
  expect(acceptableOffers(offers)).toBe(left);
});
