import { readFile, writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createRecorder, type RecorderOptions, venueNames } from '@tickwire/market';
import { caseFile } from '@tickwire/market/testing';
import { startVirtualFeed } from '../../../tests/support/exchanges/index.js';
import { createWorkbench } from './testing/terminal.js';

describe('what the product records', () => {
  it.each(venueNames)('[T40] of %s is scored, with and without the header', async (venue) => {
    await using bench = await createWorkbench();
    let describeVenue: RecorderOptions['describe'] = () => ({ venue, pairs: [] });
    const recorder = createRecorder({ file: bench.path(`${venue}.ws.gz`), describe: () => describeVenue() });
    const { run, feed } = await startVirtualFeed(venue, { feed: { onRawFrame: recorder.write } });
    describeVenue = () => ({ venue, pairs: feed.pairs });
    await run(200_000);
    await feed.close();
    await recorder.close();
    const [file = ''] = recorder.files;
    const whole = await bench.run('--file', file, '--json', '--horizons', '1');
    expect(whole.err).toMatch(/[1-9]\d* rows used, [\d,]+ skipped, 0 bad/);
    expect(whole.code).toBe(0);

    const [, ...lines] = gunzipSync(await readFile(file))
      .toString()
      .split('\n');
    const bare = bench.path('bare.ws');
    await writeFile(bare, lines.join('\n'));
    const headless = await bench.run('--file', bare, '--json', '--horizons', '1');
    expect(headless.out).toBe(whole.out);
  });
});

describe('files that were once read wrongly', () => {
  it.each([
    ['agg.ws', '1 rows used, 0 skipped, 0 bad'],
    ['bars-s.csv', '5 rows used, 0 skipped, 0 bad\n5 steps of 60 s'],
    ['bidr.ws', '1 rows used, 0 skipped, 0 bad'],
    ['naive-dst.csv', '4 rows used, 0 skipped, 0 bad'],
    ['newest-first.csv', '5 rows used, 0 skipped, 0 bad\n5 steps of 60 s'],
    ['own.ws', ' rows used, 0 skipped, 0 bad'],
    ['susdt.ws', '1 rows used, 0 skipped, 0 bad'],
    ['trades-ns.csv', '5 rows used, 0 skipped, 0 bad\n5 steps of 1 s'],
    ['trades-us.csv', '5 rows used, 0 skipped, 0 bad\n5 steps of 1 s'],
    ['us.ws', '1 rows used, 0 skipped, 0 bad'],
    ['zero-btcusdt.csv', '1 rows used, 0 skipped, 4 bad'],
    ['zero-questdb.csv', 'no usable row'],
  ])('[T41] %s is read, and is too short to be scored', async (name, expected) => {
    const file = caseFile(name);
    if (!file) {
      process.stderr.write(`notice: no ${name} beside the repository\n`);
      return;
    }
    await using bench = await createWorkbench();
    const { code, err } = await bench.run('--file', file);
    expect(code).toBe(1);
    expect(err).toContain(expected);
  });
});
