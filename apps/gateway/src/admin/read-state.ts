import type { z } from 'zod';

/** A state as it was signed: text, because its bytes must be the same on both sides. Undefined where it is none. */
export const readState = <State>(schema: z.ZodType<State>, text: string): State | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
