import type { Instrument } from '@tickwire/market';
import type { CatalogEntry } from '@tickwire/protocol';
import type { FeedConfig } from './feed-config.js';

/** Prices that are of no market, or not of now, say so. */
const originOf: Readonly<Partial<Record<FeedConfig['kind'], Pick<CatalogEntry, 'simulated' | 'recorded'>>>> = {
  simulated: { simulated: true },
  replay: { recorded: true },
};

/** What the catalog says of an instrument. Precision is absent until a price is known. */
export const catalogEntry = (
  kind: FeedConfig['kind'],
  { venue, symbol }: Instrument,
  known: { readonly priceDecimals: number | undefined } | undefined,
): CatalogEntry => {
  const priceDecimals = known?.priceDecimals;
  return { venue, symbol, ...(priceDecimals !== undefined && { priceDecimals }), ...originOf[kind] };
};
