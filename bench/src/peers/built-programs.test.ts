import { describe, expect, test } from '@jest/globals';
import { type BuiltProgram, missingProgram } from './built-programs.js';
import { rivals } from './rivals.js';

const programThat = (build: () => void): BuiltProgram => ({ file: () => '/nowhere/at/all', build });

describe('programs that are built', () => {
  test('[BN24] that cannot be had are missing, with the reason, and are not tried again', () => {
    let attempts = 0;
    const program = programThat(() => {
      attempts += 1;
      throw new Error('no cargo');
    });
    expect([missingProgram(program), missingProgram(program)]).toEqual(['no cargo', 'no cargo']);
    expect(attempts).toBe(1);
  });

  test('[BN24] a quick run does without them, and says so', () => {
    expect(rivals().map((peer) => [peer.name, peer.missing(true)])).toEqual([
      ['Centrifugo', 'left out by --quick'],
      ['Bun', 'left out by --quick'],
      ['Rust', 'left out by --quick'],
    ]);
  });
});
