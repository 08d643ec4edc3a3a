import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** The operators' token as a variable: it travels in a header, which has no other characters and no space at its ends. */
export const operatorToken = z
  .string()
  .regex(/^[!-~][ -~]{14,}[!-~]$/, { error: 'at least 16 characters, of ASCII, no space at the ends' });

/** How old a signed message may be, in either direction: the clocks of two processes need not agree better. */
const maxAgeMs = 30_000;

/**
 * Whoever may publish to a group could order gateways about, or make operators believe what is not so: what is not
 * signed with the operators' token is not theirs.
 */
export interface OperatorSignature {
  sign(fields: readonly string[], at: number): string;
  isValid(mac: unknown, fields: readonly string[], at: number, now: number): boolean;
}

export const createOperatorSignature = (token: string): OperatorSignature => {
  const sign = (fields: readonly string[], at: number): string =>
    createHmac('sha256', token)
      .update(JSON.stringify([at, ...fields]))
      .digest('base64url');
  return {
    sign,
    isValid(mac, fields, at, now) {
      if (typeof mac !== 'string' || !(Math.abs(now - at) <= maxAgeMs)) return false;
      const expected = Buffer.from(sign(fields, at));
      const given = Buffer.from(mac);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
};
