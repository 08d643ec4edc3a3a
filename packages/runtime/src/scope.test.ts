import { describe, expect, test } from '@jest/globals';
import { createScope, type Scope, startInScope } from './scope.js';

describe('a scope', () => {
  const record = () => {
    const closed: string[] = [];
    const open = (scope: Scope, name: string, fail = false) =>
      scope.own({
        name,
        async close() {
          await Promise.resolve();
          closed.push(name);
          if (fail) throw new Error(`${name} cannot be closed`);
        },
      });
    return { closed, open };
  };

  test('[R40] closes everything it owns in reverse order, one after the other, once', async () => {
    const { closed, open } = record();
    const scope = createScope();
    expect(open(scope, 'first').name).toBe('first');
    open(scope, 'second');
    await Promise.all([scope.close(), scope.close()]);
    expect(closed).toEqual(['second', 'first']);
  });

  test('[R40] continues after a failed close, and then throws its error', async () => {
    const { closed, open } = record();
    const scope = createScope();
    for (const name of ['a', 'b', 'c']) open(scope, name, name !== 'a');
    await expect(scope.close()).rejects.toThrow('c cannot be closed');
    expect(closed).toEqual(['c', 'b', 'a']);
  });

  test('[R40] a start that fails half-way leaves nothing open and throws its own error', async () => {
    const { closed, open } = record();
    const start = startInScope(async (scope) => {
      open(scope, 'a');
      open(scope, 'b', true);
      await Promise.reject(new Error('no c'));
    });
    await expect(start).rejects.toThrow('no c');
    expect(closed).toEqual(['b', 'a']);
  });
});
