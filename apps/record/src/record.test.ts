import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { collectOutput } from '../../../tests/support/collected-output.js';
import { parseOptions } from './options.js';
import { runRecord } from './record.js';

const needed = ['--feed', 'binance', '--symbols', 'BTC-USDT', '--out', 'a.ws.gz'];

const run = async (args: readonly string[]): Promise<{ code: number; out: string; err: string }> => {
  const output = collectOutput();
  const code = await runRecord(args, output.terminal, AbortSignal.abort());
  return { code, out: output.out, err: output.err };
};

describe('arguments', () => {
  it('[RC2] have defaults', () => {
    expect(parseOptions(needed)).toEqual({
      venue: 'binance',
      symbols: ['BTC-USDT'],
      file: 'a.ws.gz',
      maxBytes: 256_000_000,
      maxMs: 3_600_000,
      forMs: undefined,
      socketUrls: undefined,
      restUrls: undefined,
    });
    const more = ['--max-bytes', '5000', '--max-minutes', '0.5', '--minutes', '2', '--ws-url', 'ws://one.example'];
    expect(parseOptions([...needed, ...more, '--rest-url', 'https://two.example'])).toMatchObject({
      maxBytes: 5_000,
      maxMs: 30_000,
      forMs: 120_000,
      socketUrls: ['ws://one.example'],
      restUrls: ['https://two.example'],
    });
  });

  it.each([
    [[], '--feed is missing: one of binance, coinbase, kraken'],
    [['--feed', 'nasdaq'], '--feed must be one of binance, coinbase, kraken, got "nasdaq"'],
    [needed.slice(0, 2), '--symbols is missing: a list such as BTC-USDT,ETH-USDT'],
    [['--feed', 'kraken', '--symbols', 'btc'], '--symbols must be a list such as BTC-USDT,ETH-USDT, got "btc"'],
    [needed.slice(0, 4), '--out is missing: a file'],
    [[...needed, '--max-bytes', '1'], '--max-bytes must be a number from 1000 to 1000000000000, got "1"'],
    [[...needed, '--minutes', 'x'], '--minutes must be a number from 0.01 to 30000, got "x"'],
    [
      [...needed, '--ws-url', 'http://x'],
      '--ws-url must be an address that begins with ws:// or wss://, got "http://x"',
    ],
    [[...needed, '--loud'], "Unknown option '--loud'"],
  ])('[RC3] %j ends with a sentence and exit code 2', async (args, sentence) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(sentence);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('[RC20] a run to which no frame came says so, with exit code 1', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tickwire-record-'));
    try {
      const nowhere = ['--ws-url', 'ws://127.0.0.1:1', '--rest-url', 'http://127.0.0.1:1'];
      const { code, out, err } = await run([...needed.slice(0, 4), '--out', join(folder, 'a.ws.gz'), ...nowhere]);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(/0 frames, 0 dropped, 0 files; no stream yet\nno frame came\n$/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('[RC3] a folder that cannot be made ends with a sentence and exit code 1', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tickwire-record-'));
    await writeFile(join(folder, 'file'), '');
    const { code, err } = await run([...needed.slice(0, 5), join(folder, 'file', 'a.ws.gz')]);
    await rm(folder, { recursive: true });
    expect(code).toBe(1);
    expect(err).toMatch(/^--out: nothing can be written to .*file: .*\n$/);
  });

  it('[RC3] so does one below /proc, where no folder can be made', async () => {
    const { code, err } = await run([...needed.slice(0, 5), '/proc/tickwire-no-such-folder/below/a.ws.gz']);
    expect(code).toBe(1);
    expect(err).toMatch(/^--out: nothing can be written to \/proc\/tickwire-no-such-folder\/below: E[A-Z]+: .*\n$/);
  });

  it('help goes to standard output', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, err: '', out: expect.stringContaining('npm run record') });
  });
});
