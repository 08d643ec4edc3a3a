import type { Lease } from '../history.js';

/** The lease of a process without rivals: always granted, always with token 1. */
export const createMemoryLease = ({ owner }: { readonly owner: string }): Lease => {
  let isHeld = false;
  return {
    async acquire() {
      isHeld = true;
      return 1;
    },
    async release() {
      isHeld = false;
    },
    async holder() {
      return isHeld ? { owner, token: 1 } : undefined;
    },
  };
};
