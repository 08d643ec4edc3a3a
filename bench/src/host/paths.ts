import { fileURLToPath } from 'node:url';

/** The repository's folder: this file is `bench/dist/host/paths.js` when it runs. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

export const inRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
