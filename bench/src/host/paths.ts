import { fileURLToPath } from 'node:url';

/** Of the repository: this file is `bench/dist/host/paths.js` when it runs. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

export const inRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
