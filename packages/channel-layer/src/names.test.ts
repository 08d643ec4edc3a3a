import { describe, expect, test } from '@jest/globals';
import { InvalidName } from './errors.js';
import { assertChannelName, assertGroupName } from './names.js';

const bad = ['', 'has space', 'a?b', 'a:b', 'a\n', '¯\\_(ツ)_/¯', '٣', 'é', 'x'.repeat(100), 'a{b}'];

describe('names', () => {
  test('[L1] letters, digits, hyphen, underscore and period, under 100', () => {
    for (const name of ['chat', 'trade.binance.BTC-USDT', '0', '-_.', 'x'.repeat(99)]) {
      expect(() => assertGroupName(name)).not.toThrow();
      expect(() => assertChannelName(name)).not.toThrow();
    }
  });

  test('[L1] any other name is InvalidName, even one that Channels accepts by accident', () => {
    for (const name of [...bad, 5 as unknown as string]) {
      expect(() => assertGroupName(name)).toThrow(InvalidName);
      expect(() => assertChannelName(name)).toThrow(InvalidName);
    }
  });

  test('[L1] [L12 #7] only a channel may have one !, and not in front', () => {
    for (const name of ['specific.abc!def', 'specific.abc!']) {
      expect(() => assertChannelName(name)).not.toThrow();
      expect(() => assertGroupName(name)).toThrow(InvalidName);
    }
    for (const name of ['=+135!', '!x', 'a!b!c', `${'x'.repeat(98)}!y`, 'a!é']) {
      expect(() => assertChannelName(name)).toThrow(InvalidName);
    }
  });

  test('[L1] the error shows the rejected name, shortened', () => {
    expect(() => assertGroupName('a b')).toThrow('Group name must have 1 to 99 characters');
    expect(() => assertGroupName('a b')).toThrow('not "a b"');
    expect(() => assertGroupName(' '.repeat(10_000))).toThrow(/^.{1,300}$/);
  });
});
