const smallWindow = /;\s*server_max_window_bits\s*=\s*"?(?:8|9|1[0-4])"?\s*(?:;|$)/;

/**
 * Returns the extensions a client offers, except offers with a smaller window than ours: our frames are deflated once
 * for all clients, with the full window. A client without another offer gets uncompressed frames (RFC 7692, 5.1).
 * Undefined if no offer remains.
 */
export const acceptableOffers = (offers: string | undefined): string | undefined => {
  if (offers === undefined || !smallWindow.test(offers.replaceAll(',', ';'))) return offers;
  const left = offers.split(',').filter((offer) => !smallWindow.test(offer));
  return left.length === 0 ? undefined : left.join(',');
};
