/** A JSON Schema (2020-12), as both documents embed it. */
export type Schema = Readonly<Record<string, unknown>>;

export const decimal: Schema = {
  type: 'string',
  pattern: '^-?\\d+(\\.\\d+)?$',
  description: 'A decimal as the venue sent it: no exponent, trailing zeros kept.',
};
export const time: Schema = { type: 'integer', description: 'Milliseconds since the Unix epoch.' };
export const channelName: Schema = {
  type: 'string',
  pattern: '^[A-Za-z0-9_.-]{1,99}$',
  description: '`<kind>.<venue>.<symbol>`; kinds: trade, ticker, bar-1s, bar-1m, forecast, health, gap.',
  examples: ['trade.sim.BTC-USD'],
};

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** Every property that is not named optional is required. Others may come: readers ignore what they do not know. */
export const object = (
  properties: Readonly<Record<string, Schema>>,
  options: { readonly optional?: readonly string[]; readonly description?: string } = {},
): Schema => {
  const { optional = [], description } = options;
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    properties,
    ...(required.length > 0 && { required }),
  };
};

export const arrayOf = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more });
export const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
export const text = (description: string): Schema => ({ type: 'string', description });
export const constant = (value: string): Schema => ({ type: 'string', const: value });
