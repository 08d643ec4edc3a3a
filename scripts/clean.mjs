// Deletes what `npm run build` made. Needed after a change of a tsconfig, if you call `tsc -b` by hand.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, root } from './lib/paths.mjs';

for (const family of ['packages', 'apps']) {
  for (const name of readdirSync(join(root, family))) {
    rmSync(join(root, family, name, 'dist'), { recursive: true, force: true });
  }
}
rmSync(join(root, 'bench', 'dist'), { recursive: true, force: true });
const stamp = join(cacheDir, 'build.json');
if (existsSync(stamp)) rmSync(stamp);
