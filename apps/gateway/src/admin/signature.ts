import { createHmac, timingSafeEqual } from 'node:crypto';

/** How old a signed message may be, in either direction: gateways' clocks need not agree better. */
const maxAgeMs = 30_000;

/** Whoever may publish to a group could order gateways about: what is not signed with the token of `/admin` is ignored. */
export interface Signature {
  sign(fields: readonly string[], at: number): string;
  isValid(mac: unknown, fields: readonly string[], at: number, now: number): boolean;
}

export const createSignature = (token: string): Signature => {
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
