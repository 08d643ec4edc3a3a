import { ref, type Schema } from './schemas.js';

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
