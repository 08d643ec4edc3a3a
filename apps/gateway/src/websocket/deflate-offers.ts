const smallWindow = /;\s*server_max_window_bits\s*=\s*"?(?:8|9|1[0-4])"?\s*(?:;|$)/;

/**
 * The extensions a client offers, without those that ask for a window our frames do not keep to: they are deflated once
 * for all, with the full one. A client that offers nothing else gets frames that are not compressed (RFC 7692, 5.1).
 * Undefined where nothing is left.
 */
export const acceptableOffers = (offers: string | undefined): string | undefined => {
  if (offers === undefined || !smallWindow.test(offers.replaceAll(',', ';'))) return offers;
  const left = offers.split(',').filter((offer) => !smallWindow.test(offer));
  return left.length === 0 ? undefined : left.join(',');
};
