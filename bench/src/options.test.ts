import { describe, expect, test } from '@jest/globals';
import { parseOptions, requireWritable, UsageError } from './options.js';

describe('parseOptions', () => {
  test('has the defaults of a full run, and others for a quick one', () => {
    expect(parseOptions([])).toMatchObject({ rounds: 3, seconds: 2, isQuick: false, limitSeconds: 7_200 });
    expect(parseOptions(['--quick'])).toMatchObject({ rounds: 1, seconds: 1, isQuick: true, limitSeconds: 80 });
  });

  test('takes several of what may come several times', () => {
    const options = parseOptions(['--scenario', 'a', '--scenario', 'b', '--clients', '10', '--peer', 'ws']);
    expect(options).toMatchObject({ scenarios: ['a', 'b'], clients: [10], peers: ['ws'] });
  });

  test('takes names of scenarios without the option too', () => {
    expect(parseOptions(['forecast', '--scenario', 'a'])).toMatchObject({ scenarios: ['a', 'forecast'] });
  });

  test.each([[['--rounds', 'many']], [['--seconds', '0']], [['--unknown']]])('refuses %j', (args) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
  });

  test('a result that could not be written is known before the run', async () => {
    for (const file of ['/dev/null/folder/report.json', '/proc/nowhere/report.json'])
      await expect(requireWritable('--json', file)).rejects.toThrow(
        new RegExp(`^--json is ${file}, but cannot be written: E[A-Z]+$`),
      );
  });
});
