import { channelMessageSchemas, forecastHorizonSchema, forecastScoresSchema, positionSchema } from '@tickwire/protocol';
import { z } from 'zod';

/** A JSON Schema (2020-12), or a part of a document that embeds some. */
export type Schema = Readonly<Record<string, unknown>>;

const refOf = (name: string): string => `#/components/schemas/${name}`;
export const ref = (name: string): Schema => ({ $ref: refOf(name) });

/**
 * Schemas under the names a document gives them. One that stands inside another becomes a reference. Objects stay open:
 * more fields may come, and readers ignore what they do not know.
 */
export const componentsOf = (schemas: Readonly<Record<string, z.ZodType>>): Readonly<Record<string, Schema>> => {
  const registry = z.registry<{ readonly id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io: 'input', uri: refOf });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([name, { $id, $schema, ...schema }]) => [name, schema as Schema]),
  );
};

const ourTypes = Object.values(channelMessageSchemas).map(({ shape }) => shape.type.value);

export const messageSchema = z
  .union([
    ...Object.values(channelMessageSchemas),
    z.looseObject({ type: z.string().meta({ not: { enum: ourTypes } }) }),
  ])
  .describe('A message of a channel; messages of other writers have their own `type`.');

/** The messages on channels, by the names the documents give them. */
export const messageSchemas = {
  Position: positionSchema,
  ...channelMessageSchemas,
  ForecastHorizon: forecastHorizonSchema,
  ForecastScores: forecastScoresSchema,
  Message: messageSchema,
} as const;

/** Parts of an OpenAPI document. */

export const json = (schema: Schema): Schema => ({ 'application/json': { schema } });

export const ok = (description: string, schema: Schema): Schema => ({ description, content: json(schema) });

export const problem = (description: string): Schema => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
});

export const inQuery = (name: string, description: string, schema: Schema, required = false): Schema => ({
  name,
  in: 'query',
  description,
  required,
  schema,
});

/** A token is needed only where the server asks for one. */
export const readSecurity = [{}, { bearer: [] }];
/** For what is sent. */
export const keySecurity = [{ apiKey: [] }, { bearer: [] }];
