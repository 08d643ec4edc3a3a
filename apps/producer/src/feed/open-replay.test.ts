import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createSystemClock } from '@tickwire/protocol';
import { openReplay } from './open-replay.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tickwire-replay-'));
});
afterAll(() => rm(folder, { recursive: true }));

const openSilent = (file: string, symbols: readonly string[]) =>
  openReplay(
    { kind: 'replay', file, speed: 1, shiftToNow: false, symbols },
    async () => undefined,
    { info: () => {}, warn: () => {} } as never,
    createSystemClock(),
  );

it.each([
  ['zero-btcusdt.csv', 'time,price,size,side', '1735689600,0,1,buy', []],
  ['zero.csv', 'time,price,size,side', '1735689600,0,1,buy', ['BTC-USDT']],
  ['named.csv', 'time,symbol,price,size,side', '1735689600,BTC-USDT,0,1,buy', ['BTC-USDT']],
])('[P371] %s without a usable line ends the start with the first reason', async (name, header, row, symbols) => {
  const file = join(folder, name);
  await writeFile(file, [header, ...Array<string>(30).fill(row), ''].join('\n'));
  await expect(openSilent(file, symbols)).rejects.toThrow(
    `REPLAY_FILE: ${file} has no usable line of BTC-USDT: 30 are bad (line 2: the price must be a number above zero, got "0"), and 0 are of other kinds`,
  );
  await writeFile(file, [header, row, row.replace(',0,', ',7,')].join('\n'));
  expect((await openSilent(file, symbols)).instruments).toMatchObject([{ symbol: 'BTC-USDT' }]);
});

it('[P371] a recording with lines of other kinds alone ends the start, and says of which', async () => {
  const file = join(folder, 'useless.ws');
  await writeFile(file, '1735689600000000000 {"e":"kline","s":"BTCUSDT"}\n');
  await expect(openSilent(file, [])).rejects.toThrow(
    `REPLAY_FILE: ${file} has no usable line of BTC-USDT: 0 are bad, and 1 are of other kinds (kline)`,
  );
});

it('[P313] symbols that the recording does not hold are named in the log', async () => {
  const file = join(folder, 'trades.csv');
  await writeFile(file, 'time,symbol,price,size,side\n1735689600,BTC-USDT,42000,1,buy\n');
  const lines: unknown[] = [];
  const logger = { info: () => {}, warn: (...line: unknown[]) => void lines.push(line) } as never;
  const open = (symbols: readonly string[]) =>
    openReplay(
      { kind: 'replay', file, speed: 1, shiftToNow: false, symbols },
      async () => undefined,
      logger,
      createSystemClock(),
    );
  expect((await open(['BTC-USDT', 'ETH-USDT', 'SOL-USDT'])).instruments).toHaveLength(1);
  expect(lines).toEqual([[{ missing: ['ETH-USDT', 'SOL-USDT'] }, 'SYMBOLS has some that the recording does not hold']]);
  await open(['BTC-USDT']);
  await open([]);
  expect(lines).toHaveLength(1);
});
