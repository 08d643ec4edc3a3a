import { z } from 'zod';
import { type Immutable, priceDecimals, symbol, time, venue } from './fields.js';

const maxSymbols = 100_000;

export const catalogEntrySchema = z.object({
  venue,
  symbol,
  priceDecimals: priceDecimals.exactOptional(),
  simulated: z.boolean().describe('Its prices are made up.').exactOptional(),
  recorded: z.boolean().describe('Its prices are of a recording, and not of now.').exactOptional(),
});

/** Which symbols there are, published by the producer on the group `catalog`: at its start, on change, and now and then. */
export const catalogSchema = z.object({
  type: z.literal('feed.catalog'),
  rts: time.exactOptional(),
  symbols: z.array(catalogEntrySchema).max(maxSymbols),
});

export type CatalogEntry = Immutable<z.infer<typeof catalogEntrySchema>>;
export type Catalog = Immutable<z.infer<typeof catalogSchema>>;

/** The group of the catalog. Not a channel clients subscribe to. */
export const catalogGroup = 'catalog';
