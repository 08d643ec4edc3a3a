import { describe, expect, test } from '@jest/globals';
import { filesUnder } from './repository.js';

interface Mention {
  readonly rule: string;
  readonly path: string;
}

const mentions = (folders: readonly string[], endings: readonly string[], pattern: RegExp): readonly Mention[] =>
  filesUnder(folders, endings).flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].flatMap(([match]) =>
      [...match.matchAll(/\[([A-Z]+\d+[a-z]?)\]/g)].map(([, rule = '']) => ({ rule, path })),
    ),
  );

/** `- [L3] A full mailbox …` or the same in bold. */
const rules = mentions(
  ['packages', 'apps', 'bench', 'tests', 'docs'],
  ['SPEC.md', 'SPEC-history.md'],
  /^[-*|] +\**\[[A-Z]+\d+[a-z]?\]/gm,
);

/** A string that begins with rules, in a test or in a suite that tests share. */
const tested = mentions(
  ['packages', 'apps', 'bench', 'tests'],
  ['.ts', '.tsx'],
  /['"`](?:\[[A-Z]+\d+[a-z]?\][\s,]*)+/g,
).filter(({ path }) => path.endsWith('.test.ts') || /(^tests|\/testing)\//.test(path));

/** With every commit: what only the nightly run has does not count. */
const proven = tested.filter(({ path }) => !path.endsWith('.nightly.test.ts'));

const describeMention = ({ rule, path }: Mention): string => `[${rule}] in ${path}`;

describe('rules of the SPEC.md files', () => {
  test('a number stands for one rule in the whole project', () => {
    const again = rules.filter(({ rule }, index) => rules.findIndex((other) => other.rule === rule) !== index);
    expect(rules.length).toBeGreaterThan(0);
    expect(again.map(describeMention)).toEqual([]);
  });

  test('every rule has a test that runs with every commit', () => {
    const withTest = new Set(proven.map(({ rule }) => rule));
    expect(rules.filter(({ rule }) => !withTest.has(rule)).map(describeMention)).toEqual([]);
  });

  test('every number at the start of a test is a rule', () => {
    const known = new Set(rules.map(({ rule }) => rule));
    const unknown = tested.filter(({ rule }) => !known.has(rule)).map(describeMention);
    expect([...new Set(unknown)]).toEqual([]);
  });
});
