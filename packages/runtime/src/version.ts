import { readFileSync } from 'node:fs';

const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Of the whole: all packages have the same. */
export const version = String((manifest as { readonly version: string }).version);
