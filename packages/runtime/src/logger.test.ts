import { describe, expect, it } from '@jest/globals';
import { briefError } from './logger.js';

describe('an error in the log', () => {
  it('[R90] is its message, its causes and the place, without a stack', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    const away = new Error('no answer from Redis', { cause: refused });
    const failed = new TypeError('publishing waits', { cause: away });
    expect(briefError(failed)).toEqual({
      type: 'TypeError',
      message: 'publishing waits: no answer from Redis: connect ECONNREFUSED 127.0.0.1:1',
      at: expect.stringMatching(/logger\.test\.ts:\d+/),
    });
    expect(briefError(refused)).toMatchObject({ code: 'ECONNREFUSED' });
    expect(JSON.stringify(briefError(failed))).not.toMatch(/\\n/);
  });

  it('[R90] repeats no cause that its message quotes, and ends where causes go round', () => {
    const cause = new Error('refused');
    expect(briefError(new Error('cannot connect: refused', { cause }))).toMatchObject({
      message: 'cannot connect: refused',
    });
    const round = new Error('one');
    round.cause = new Error('two', { cause: round });
    expect(briefError(round)).toMatchObject({ message: 'one: two' });
    expect(briefError('a text')).toBe('a text');
  });

  it('[R100] keeps the stack of a fault of the program, also where it caused another error', () => {
    for (const Fault of [TypeError, ReferenceError, RangeError]) {
      const fault = new Fault('a is not a function');
      expect(briefError(fault)).toMatchObject({ message: 'a is not a function', stack: fault.stack });
      expect(briefError(new Error('publishing failed', { cause: fault }))).toMatchObject({ stack: fault.stack });
    }
    const unreachable = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:1') });
    expect(briefError(unreachable)).not.toHaveProperty('stack');
    expect(briefError(new Error('WRONGTYPE'))).not.toHaveProperty('stack');
  });
});
