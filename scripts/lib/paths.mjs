import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What the set-up makes: the Python peer, fingerprints, the lock. Not in git; may be deleted at any time. */
export const cacheDir = join(root, '.cache');
