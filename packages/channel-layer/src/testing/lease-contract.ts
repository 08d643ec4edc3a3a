import { describe, expect, test } from '@jest/globals';
import type { Lease } from '../history.js';

/** The rules of SPEC-history.md for a lease without a rival. `open` returns a free lease for `owner`. */
export const leaseContract = (name: string, open: (owner: string) => Promise<Lease>): void => {
  describe(`${name} keeps the lease contract`, () => {
    test('[H40] acquire grants a free lease with a positive token, and a holder renews with the same one', async () => {
      const lease = await open('alpha');
      const token = await lease.acquire();
      expect(token).toBeGreaterThan(0);
      expect(Number.isSafeInteger(token)).toBe(true);
      expect(await lease.acquire()).toBe(token);
      expect(await lease.holder()).toEqual({ owner: 'alpha', token });
      await lease.release();
    });

    test('[H41] release gives it up, is idempotent, and the lease can be acquired again', async () => {
      const lease = await open('alpha');
      await lease.release();
      expect(await lease.holder()).toBeUndefined();
      const first = await lease.acquire();
      await lease.release();
      await lease.release();
      expect(await lease.holder()).toBeUndefined();
      expect(await lease.acquire()).toBeGreaterThanOrEqual(first ?? Number.POSITIVE_INFINITY);
      await lease.release();
    });
  });
};
