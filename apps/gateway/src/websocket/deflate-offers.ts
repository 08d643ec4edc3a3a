const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const offerPattern = new RegExp(
  String.raw`^\s*${token}(?:\s*;\s*${token}(?:\s*=\s*(?:${token}|"(?:\\?${token})+"))?)*\s*$`,
);
const windowBits = /^(?:8|9|1[0-5])$/;

/** The parameters of an offer (RFC 7692, 7.1) and the values we keep our side of. */
const parameters: Readonly<Record<string, (value: string | undefined) => boolean>> = {
  server_no_context_takeover: (value) => value === undefined,
  client_no_context_takeover: (value) => value === undefined,
  // Our frames are deflated once for all clients, with the full window.
  server_max_window_bits: (value) => value === '15',
  client_max_window_bits: (value) => value === undefined || windowBits.test(value),
};

/**
 * Returns the offers of compression that we can keep, of all extensions that a client offers. Others are declined, and
 * the connection continues without them (RFC 7692, 5.1). Undefined if none remains. A header that is not a list of
 * extensions is returned as it is: it fails the handshake (RFC 6455, 9.1).
 */
export const acceptableOffers = (offers: string | undefined): string | undefined => {
  const each = offers?.trim() ? offers.split(',') : [];
  if (!each.every((offer) => offerPattern.test(offer))) return offers;
  const left = each.filter(isAcceptable);
  return left.length === 0 ? undefined : left.join(',');
};

const isAcceptable = (offer: string): boolean => {
  const [name, ...given] = offer.split(';').map((part) => part.trim());
  const seen = new Set<string>();
  return (
    name === 'permessage-deflate' &&
    given.every((parameter) => {
      const [key = '', value] = parameter.split('=').map((part) => part.trim().replaceAll(/["\\]/g, ''));
      const isRepeated = seen.has(key);
      seen.add(key);
      return !isRepeated && Object.hasOwn(parameters, key) && parameters[key]?.(value) === true;
    })
  );
};
