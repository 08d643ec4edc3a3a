import { describe, expect, test } from '@jest/globals';
import { filesUnder, linesMatching, type SourceFile } from './repository.js';

const MAX_CODE_LINES = 250;

const isTest = ({ path }: SourceFile): boolean => path.endsWith('.test.ts');

const typescript = filesUnder(['packages', 'apps', 'bench', 'tests'], ['.ts', '.tsx']);
const sources = [...typescript, ...filesUnder(['scripts', 'deploy'], ['.mjs'])].filter((file) => !isTest(file));
const unitTests = typescript.filter(isTest);
/** These files hold the patterns themselves. */
const slowTests = typescript.filter(({ path }) => /^tests\/(integration|e2e|chaos)\//.test(path));

/** Lines that are neither blank nor only comment. */
const codeLines = (text: string): number =>
  text
    .replace(/^\s*\/\*[\s\S]*?\*\//gm, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length;

describe('house style', () => {
  test('the rules look at files that exist', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(unitTests.length).toBeGreaterThan(0);
  });

  test('no source file has more than 250 lines of code', () => {
    const tooLong = sources
      .map(({ path, text }) => ({ path, lines: codeLines(text) }))
      .filter(({ lines }) => lines > MAX_CODE_LINES);
    expect(tooLong).toEqual([]);
  });

  test('every package index names each of its exports', () => {
    const doors = sources.filter(({ path }) => /^(packages|apps)\/[^/]+\/src\/(testing\/)?index\.ts$/.test(path));
    expect(doors.length).toBeGreaterThan(0);
    expect(linesMatching(doors, /export\s+\*/)).toEqual([]);
  });

  test('no test is skipped, postponed or run alone', () => {
    const inTests = typescript.filter(({ path }) => isTest({ path, text: '' }) && !path.startsWith('tests/house/'));
    expect(
      linesMatching(inTests, /\b(test|it|describe)\.(skip|only|todo|failing)\b|\b[xf](it|test|describe)\(/),
    ).toEqual([]);
  });

  test('no test waits for a time', () => {
    const waits =
      /await\s+(sleep|delay|wait)\(\s*[\d_.]+\s*\)|new Promise[^;]*setTimeout\(\s*\w+\s*,\s*[1-9]|\bsetTimeout\b.*'node:timers\/promises'/;
    const inTests = typescript.filter((file) => isTest(file) && !file.path.startsWith('tests/house/'));
    expect(linesMatching([...inTests, ...slowTests], waits)).toEqual([]);
  });

  test('no test listens on or connects to a fixed port', () => {
    const fixed = /\.listen\(\s*[1-9]\d|(localhost|127\.0\.0\.1|\[::1\]):\d{2,5}\b|\bport: [1-9]\d/i;
    expect(linesMatching(slowTests, fixed)).toEqual([]);
    expect(linesMatching(unitTests, /\.listen\(\s*[1-9]\d/)).toEqual([]);
  });

  test('the environment is read where a process starts, nowhere else', () => {
    const inLibraries = sources.filter(({ path }) => /^(packages|apps)\/[^/]+\/src\//.test(path));
    const readers = linesMatching(inLibraries, /\bprocess\.env\b/).map((line) => line.split(':')[0]);
    expect(readers.filter((path) => path !== 'packages/runtime/src/run-main.ts')).toEqual([]);
  });
});
