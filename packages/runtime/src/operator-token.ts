import { z } from 'zod';

/** The operators' token as a variable: it travels in a header, which has no other characters and no space at its ends. */
export const operatorToken = z
  .string()
  .regex(/^[!-~][ -~]{14,}[!-~]$/, { error: 'at least 16 characters, of ASCII, no space at the ends' });
