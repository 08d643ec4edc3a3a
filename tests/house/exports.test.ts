import { describe, expect, test } from '@jest/globals';
import { filesUnder, type SourceFile } from './repository.js';

/** `export { a, type B } from` and `import { a, type B } from`, with what stands between the braces. */
const named = (keyword: 'import' | 'export', from: string): RegExp =>
  new RegExp(`\\b${keyword}\\s+(?:type\\s+)?\\{([^}]*)\\}\\s+from\\s+'${from}'`, 'g');

const namesIn = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].flatMap(([, list = '']) =>
    list
      .split(',')
      .map(
        (name) =>
          name
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0] ?? '',
      )
      .filter((name) => name !== ''),
  );

const files = filesUnder(['packages', 'apps', 'bench', 'tests', 'examples', 'scripts'], ['.ts', '.mjs']);
const indexes = files.flatMap((file) => {
  const [, name] = /^(?:packages|apps)\/([^/]+)\/src\/index\.ts$/.exec(file.path) ?? [];
  return name === undefined ? [] : [{ file, module: `@tickwire/${name}` }];
});

const unusedIn = ({ file, module }: { readonly file: SourceFile; readonly module: string }): readonly string[] => {
  const used = new Set(
    files.flatMap(({ path, text }) =>
      path === file.path ? [] : [...namesIn(text, named('import', module)), ...namesIn(text, named('export', module))],
    ),
  );
  return namesIn(file.text, named('export', "\\./[^']*"))
    .filter((name) => !used.has(name))
    .map((name) => `${name} of ${module}`);
};

describe('index.ts of a package', () => {
  test('names only what somebody outside uses', () => {
    expect(indexes.length).toBeGreaterThan(7);
    expect(indexes.flatMap(unusedIn)).toEqual([]);
  });
});
