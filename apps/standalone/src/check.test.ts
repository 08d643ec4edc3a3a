import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { check } from './check.js';

const linesOf = async (variables: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  const lines: string[] = [];
  await check({ PORT: '0', ...variables }, (text) => lines.push(...text.split('\n')));
  return lines;
};

test('[E160] the check says of a beginning of the simulated market what a start would', async () => {
  expect(await linesOf({ SIM_BEGAN_MS: '1' })).toContainEqual(
    expect.stringMatching(/^SIM_BEGAN_MS is more than an hour ago/),
  );
  expect(await linesOf({ SIM_BEGAN_MS: '99999999999999' })).toContainEqual(
    expect.stringMatching(/^SIM_BEGAN_MS has not come yet/),
  );
  expect((await linesOf({})).join()).not.toContain('SIM_BEGAN_MS');
});

test('[E160] the check names the symbols that a recording does not hold, and rejects one without a usable line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-check-'));
  try {
    const file = join(folder, 'trades.csv');
    const at = Date.UTC(2025, 0, 1);
    await writeFile(file, `time,symbol,price,size,side\n${at},BTC-USD,100,1,buy\n${at + 1},ETH-USD,10,1,buy\n`);
    const lines = await linesOf({ FEED: 'replay', REPLAY_FILE: file, SYMBOLS: 'BTC-USD,SOL-USD' });
    expect(lines).toContain('SYMBOLS has some that the recording does not hold: SOL-USD');
    await writeFile(file, `time,symbol,price,size,side\n${at},BTC-USD,0,1,buy\n`);
    await expect(linesOf({ FEED: 'replay', REPLAY_FILE: file, SYMBOLS: 'BTC-USD' })).rejects.toThrow(
      'has no usable line of BTC-USD: 1 are bad',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('[E112] a port for the health of the producer that is also another port is one sentence', async () => {
  await expect(linesOf({ PORT: '8123', HEALTH_PORT: '8123' })).rejects.toThrow(
    /^HEALTH_PORT and PORT are both 8123: each needs a port of its own$/,
  );
});
