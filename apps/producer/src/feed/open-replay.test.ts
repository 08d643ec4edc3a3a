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
