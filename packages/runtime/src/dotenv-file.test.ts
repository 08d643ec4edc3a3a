import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadDotenvFile } from './dotenv-file.js';
import { ConfigError } from './environment.js';

describe('.env', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tickwire-dotenv-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const load = (bytes: string | Buffer, environment: Record<string, string> = {}): Record<string, string> => {
    const file = join(folder, 'env');
    writeFileSync(file, bytes);
    loadDotenvFile(file, environment);
    return environment;
  };

  it.each([
    ['an empty one', '', {}],
    ['lines of Windows', 'A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['a mark of its byte order', '\ufeffA=1\n', { A: '1' }],
    ['a shell’s form', 'export A=1\n  B = "x, y" # why\n\n# C=3\n', { A: '1', B: 'x, y' }],
    ['a value of several lines', 'KEY="one\ntwo\n"\nA=1\n', { KEY: 'one\ntwo\n', A: '1' }],
    ['the form of YAML', 'A: 1\n', { A: '1' }],
  ])('[R60] %s is read', (_what, text, variables) => {
    expect(load(text)).toEqual(variables);
  });

  it('[R60] what is set wins over it, and without it nothing is missing', () => {
    expect(load('A=1\nB=2\n', { A: '0' })).toEqual({ A: '0', B: '2' });
    expect(() => loadDotenvFile(join(folder, 'nowhere'), {})).not.toThrow();
  });

  it('[R60] one that cannot be read, or a line that sets nothing, ends the start and repeats no secret', () => {
    const failing = (act: () => unknown): string => {
      try {
        act();
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        return (error as Error).message.replaceAll(folder, '');
      }
      return 'it is read';
    };
    mkdirSync(join(folder, 'directory'));
    expect(failing(() => loadDotenvFile(join(folder, 'directory'), {}))).toBe('/directory cannot be read: EISDIR');
    expect(failing(() => load(Buffer.from('A=1\n', 'utf16le')))).toBe('/env is not text in UTF-8: save it as such');
    expect(failing(() => load(Buffer.from('TOKEN=größer\n', 'latin1')))).toBe(
      '/env is not text in UTF-8: save it as such',
    );
    expect(failing(() => load('SYMBOLS=BTC-USD,\nETH-USD\nPORT:8000\nA=1\n'))).toBe(
      '/env line 2 is not NAME=value\n/env line 3 is not NAME=value',
    );
    expect(failing(() => load('KEY="one\ntwo"\nsecret\n'))).toBe('/env line 3 is not NAME=value');
    expect(failing(() => load('A=1 # why#\nB="x#y" #\nC= #\nD=#\nKEY=se#cret\nE=x#\n'))).toBe(
      '/env line 5 has a # in its value: put the value in quotes\n/env line 6 has a # in its value: put the value in quotes',
    );
  });
});
