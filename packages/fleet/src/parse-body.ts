import type { z } from 'zod';

/** The body of a letter in its shape; undefined where it is not. */
export const parseBody = <Body>(shape: z.ZodType<Body>, body: string): Body | undefined => {
  try {
    return shape.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
};
