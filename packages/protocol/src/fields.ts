import { z } from 'zod';
import { symbolForm, venueForm } from './channel-names.js';

/** The inferred type of a schema, read-only: a message is shared by many and must not change. */
export type Immutable<T> = T extends object ? { readonly [Key in keyof T]: Immutable<T[Key]> } : T;

const digits = String.raw`\d+(\.\d+)?`;

/** Text of a form; the error is the end of a sentence about the field. */
const formed = (form: RegExp, error: string) => z.string({ error }).regex(form, { error });

/** As the venue sent it: no exponent, trailing zeros kept. */
export const decimal = formed(new RegExp(`^-?${digits}$`), 'must be a decimal without exponent, as text').describe(
  'A decimal as the venue sent it: no exponent, trailing zeros kept.',
);

/** Zero stands for "none" and is not a price. */
export const price = formed(
  new RegExp(`^(?=.*[1-9])${digits}$`),
  'must be a decimal above zero without exponent, as text',
).describe('A decimal above zero, as the venue sent it: no exponent, trailing zeros kept.');

export const amount = formed(
  new RegExp(`^${digits}$`),
  'must be a decimal of zero or more without exponent, as text',
).describe('A decimal of zero or more, as the venue sent it: no exponent, trailing zeros kept.');

export const time = z
  .int({ error: 'must be a whole number of milliseconds since 1970' })
  .describe('Milliseconds since the Unix epoch.');

export const venue = formed(venueForm, 'must be a lower-case name').describe(
  'Lower-case name of the exchange or source.',
);
export const symbol = formed(symbolForm, 'must be BASE-QUOTE in upper case, as BTC-USD').describe(
  '`BASE-QUOTE`, upper case.',
);
/** The most that a decimal of 64 characters can have. */
export const maxPriceDecimals = 62;
export const priceDecimals = z
  .int()
  .min(0)
  .max(maxPriceDecimals)
  .describe('Digits after the decimal point in the prices of the venue.');

/** The fields of every market message. Latency (`rts - ts`) may be negative, because clocks differ. Never clamp it. */
export const marketHeader = z.object({
  venue,
  symbol,
  ts: time.describe("When it happened, by the venue's clock. Milliseconds since the Unix epoch."),
  rts: time.describe('When the producer received it. Milliseconds since the Unix epoch.'),
});

/** Where a publication stands in its channel. */
export const positionSchema = z
  .object({
    seq: z.int().min(1).describe('Starts at 1 in each epoch and grows by 1 with each publication of the channel.'),
    epoch: z.string().describe('Changes only when history was lost.'),
  })
  .describe('Where a publication stands in its channel.');

/** Fields that the producer adds when it publishes. */
export const publishedSchema = positionSchema.extend({
  pts: time.describe('When it was published. Milliseconds since the Unix epoch.'),
});

export type Position = Immutable<z.infer<typeof positionSchema>>;
export type Published = Immutable<z.infer<typeof publishedSchema>>;
