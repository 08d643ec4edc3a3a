import { z } from 'zod';
import { type Immutable, priceDecimals, symbol, time, venue } from './fields.js';
import { channelSchema } from './notices.js';

const maxSymbols = 100_000;

export const catalogEntrySchema = z.object({
  venue,
  symbol,
  priceDecimals: priceDecimals.exactOptional(),
  simulated: z.boolean().describe('Its prices are made up.').exactOptional(),
  recorded: z.boolean().describe('Its prices come from a recording, not from now.').exactOptional(),
  own: z
    .object({ ticker: channelSchema.exactOptional(), trade: channelSchema.exactOptional() })
    .describe(
      'Published on these channels of your own: there are no others of this symbol, neither bars nor forecasts.',
    )
    .exactOptional(),
});

/** The symbols of a part. Its leader publishes it on the group of the part: at its start, on change, and now and then. */
export const catalogSchema = z.object({
  type: z.literal('feed.catalog'),
  rts: time.exactOptional(),
  symbols: z.array(catalogEntrySchema).max(maxSymbols),
});

export type CatalogEntry = Immutable<z.infer<typeof catalogEntrySchema>>;
export type Catalog = Immutable<z.infer<typeof catalogSchema>>;

/** The name of a part of the publications: the producers of a part share one lease and one catalog. */
export const partSchema = z.string().regex(/^[a-z0-9-]{1,32}$/, { error: '1 to 32 of a-z, 0-9 and "-"' });

/** Published repeatedly on the group `catalog` by the leader of a named part, so that gateways find its catalog. */
export const catalogPartSchema = z.object({ type: z.literal('feed.part'), part: partSchema });

/** Groups with this prefix are for gateways and producers only. */
export const reservedPrefix = 'tickwire.';

/** The group of the catalog of the unnamed part. Clients cannot subscribe to it as a channel. */
export const catalogGroup = 'catalog';
/** The group of the catalog of any part. */
export const catalogGroupOf = (part?: string): string =>
  part === undefined ? catalogGroup : `${reservedPrefix}${catalogGroup}.${part}`;

/** Whether no client may publish to the group or own it. */
export const isReservedGroup = (name: string): boolean => name === catalogGroup || name.startsWith(reservedPrefix);
