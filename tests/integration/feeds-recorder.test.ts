import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createReplayFeed, discoverInstruments, type FeedEvent } from '@tickwire/market';
import { build } from 'esbuild';
import { patientMs, waitFor } from '../support/wait-for.js';

let folder = '';
let script = '';

/** Writes trades at the given rate, and says on its standard output which one it has written last. */
const program = `
import { createRecorder } from '@tickwire/market';
const [file] = process.argv.slice(2);
const pairs = [{ symbol: 'BTC-USDT', name: 'BTCUSDT' }];
const recorder = createRecorder({ file, describe: () => ({ venue: 'binance', pairs }), rotateMs: 1_500 });
let id = 0;
setInterval(() => {
  for (let i = 0; i < 20; i++) {
    id += 1;
    const rts = Date.now();
    const data = { e: 'trade', E: rts, s: 'BTCUSDT', t: id, p: '61837.63000000', q: '0.02000000', T: rts, m: true, M: true };
    recorder.write({ venue: 'binance', rts, text: JSON.stringify(data) });
  }
  process.stdout.write(id + '@' + Date.now() + '\\n');
}, 10);
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tickwire-killed-'));
  script = join(folder, 'record.mjs');
  const resolveDir = fileURLToPath(new URL('.', import.meta.url));
  await build({
    stdin: { contents: program, resolveDir, loader: 'ts' },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['source'],
    logLevel: 'error',
    // Bundled CommonJS asks for Node's own modules at run time.
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
  });
});
afterAll(() => rm(folder, { recursive: true }));

describe('a recorder that is killed', () => {
  test('[M98] loses at most the last second; all else is read back and played', async () => {
    const child = spawn(process.execPath, [script, join(folder, 'killed.ws.gz')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const written: { id: number; at: number }[] = [];
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [id, at] = line.split('@').map(Number);
        written.push({ id: id as number, at: at as number });
      }
    });
    const files = (): string[] =>
      readdirSync(folder)
        .filter((name) => name.startsWith('killed-'))
        .sort();
    await waitFor('three parts and some', () => files().length >= 3 && written.length > 300, 30_000);
    child.kill('SIGKILL');
    await once(child, 'close');
    const killedAt = written.at(-1)?.at ?? 0;

    const texts = await Promise.all(
      files().map(async (name) =>
        gunzipSync(await readFile(join(folder, name)), { finishFlush: constants.Z_SYNC_FLUSH }).toString(),
      ),
    );
    const ids = texts.flatMap((text) => [...text.matchAll(/"t":(\d+),/g)].map(([, id]) => Number(id)));
    expect(ids).toEqual(ids.map((_, i) => i + 1));
    const keptUntil = written.find(({ id }) => id >= ids.length)?.at ?? killedAt;
    expect(killedAt - keptUntil).toBeLessThanOrEqual(patientMs(1_000));

    let played = 0;
    for (const [i, name] of files().entries()) {
      // The last part may have been begun within the last second.
      if (!texts[i]?.includes('"t":')) continue;
      const file = join(folder, name);
      const events: FeedEvent[] = [];
      const feed = createReplayFeed({ file, instruments: await discoverInstruments(file), speed: 'max' });
      await feed.start((array) => events.push(...array));
      await waitFor('the end', () => events.at(-1)?.kind === 'end');
      await feed.close();
      played += events.filter(({ kind }) => kind === 'trade').length;
      expect(events.some(({ kind }) => kind === 'gap')).toBe(false);
    }
    expect(played).toBeGreaterThanOrEqual(ids.length - 1);
  });
});
