import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { collectOutput } from '../../../tests/support/collected-output.js';
import { seededRandom, startExchange } from '../../../tests/support/exchanges/index.js';
import { waitFor } from '../../../tests/support/wait-for.js';
import { runRecord } from './record.js';

test('[RC20] a folder that takes nothing is reported once, its frames are counted, and the exit code is 1', async () => {
  const { exchange, server, close } = await startExchange('binance', { random: seededRandom(1) });
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-record-'));
  const stop = new AbortController();
  const output = collectOutput();
  // The folder is writable, but a file with this name cannot be created.
  const file = join(folder, `${'x'.repeat(250)}.ws.gz`);
  const args = ['--feed', 'binance', '--symbols', 'BTC-USDT', '--out', file, '--ws-url', server.socketUrl];
  const ended = runRecord([...args, '--rest-url', server.httpUrl], output.terminal, stop.signal);
  try {
    await waitFor('the trouble', () => {
      exchange.trade('BTC-USDT');
      return output.err.includes('frames wait');
    });
    stop.abort();
    expect(await ended).toBe(1);
  } finally {
    await close();
  }
  expect(output.err.match(/writing is in trouble, frames wait: .*ENAMETOOLONG/g)).toHaveLength(1);
  expect(output.err).toMatch(
    /\n0 frames, [1-9]\d* dropped, 0 files; .*\nnothing of [1-9]\d* frames could be written to .*\n$/,
  );
  expect(output.out).toBe('');
  expect(readdirSync(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});
