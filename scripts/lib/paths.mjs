import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What set-up makes and may be deleted at any time: the Python peer, fingerprints, the lock. Not in git. */
export const cacheDir = join(root, '.cache');
