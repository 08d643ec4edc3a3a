import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const NOT_OURS = new Set(['node_modules', 'dist', '.cache', '.git', 'artefacts']);

export interface SourceFile {
  /** From the repository's root, with `/` on every system. */
  readonly path: string;
  readonly text: string;
}

/** All files under these folders whose name ends so. Folders that are not there have none. */
export const filesUnder = (folders: readonly string[], endings: readonly string[]): readonly SourceFile[] =>
  folders
    .flatMap((folder) => walk(join(root, folder)))
    .filter((file) => endings.some((ending) => file.endsWith(ending)))
    .map((file) => ({ path: relative(root, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }));

const walk = (dir: string): readonly string[] => {
  try {
    return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
      if (NOT_OURS.has(entry.name)) return [];
      return entry.isDirectory() ? walk(join(dir, entry.name)) : [join(dir, entry.name)];
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

/** `path:line: text` of each line that matches: what a failing rule shows. */
export const linesMatching = (files: readonly SourceFile[], pattern: RegExp): readonly string[] =>
  files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
