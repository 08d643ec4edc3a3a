import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@tickwire/runtime';
import { help, readCommand } from './command-line.js';

describe('the command line', () => {
  it('[E113] nothing starts; commands and options are read in any order', () => {
    expect(readCommand([])).toEqual({ name: 'start' });
    expect(readCommand(['check'])).toEqual({ name: 'check' });
    expect(readCommand(['-h', 'check'])).toEqual({ name: 'help' });
    expect(readCommand(['--version'])).toEqual({ name: 'version' });
    expect(readCommand(['token'])).toEqual({ name: 'token', user: 'developer', minutes: 60 });
    expect(readCommand(['--minutes', '5', 'token', '--channels=trade.*,mine', '--user', 'ann'])).toEqual({
      name: 'token',
      user: 'ann',
      minutes: 5,
      allow: ['trade.*', 'mine'],
    });
  });

  it.each([
    [['chek'], '"chek" is not a command'],
    [['check', 'token'], 'one command at a time, and not "token" too'],
    [['--prot'], "Unknown option '--prot'"],
    [['token', '--user'], "Option '--user <value>' argument missing"],
    [['check', '--user', 'ann'], '--user is an option of token'],
    [['token', '--minutes', '0'], '--minutes is "0", but must be a whole number from 1 to 527040'],
    [['token', '--minutes', '1e3'], '--minutes is "1e3", but must be a whole number from 1 to 527040'],
    [['token', '--minutes', '527041'], '--minutes is "527041", but must be a whole number from 1 to 527040'],
  ] as const)('[E113] %j is one line, which names --help', (args, line) => {
    expect(() => readCommand(args)).toThrow(new ConfigError(`${line}: see tickwire --help`));
  });

  it('[E113] the help names each command and each option', () => {
    for (const word of ['start', 'check', 'token', '--user', '--channels', '--minutes', '--help', '--version'])
      expect(help).toContain(word);
  });
});
