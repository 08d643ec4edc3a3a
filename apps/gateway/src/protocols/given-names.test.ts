import { describe, expect, it } from '@jest/globals';
import { misspellingIn, repetitionIn } from './given-names.js';

describe('names a client gives', () => {
  const known = ['channels', 'interval', 'last', 'since', 'age'];

  it.each([
    ['chanels', 'channels'],
    ['Channels', 'channels'],
    ['intervall', 'interval'],
    ['lst', 'last'],
    ['sicne', 'since'],
  ])('[G210] %s is rejected, with %s', (given, meant) => {
    expect(misspellingIn(['last', given], known)).toBe(`${given} is unknown: did you mean ${meant}?`);
  });

  it('[G210] known names pass, and those unlike all of them', () => {
    expect(misspellingIn([...known, 't', 'utm_source', '_', '', '__proto__'], known)).toBeUndefined();
  });

  it('[G210] a second value is rejected where one is read', () => {
    const query = new URLSearchParams('channels=a&channels=b&last=1');
    expect(repetitionIn(query, ['channels'])).toBeUndefined();
    query.append('last', '1');
    expect(repetitionIn(query, ['channels'])).toBe('last is given more than once');
  });
});
