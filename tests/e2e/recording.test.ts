import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { type FakeExchange, startExchange } from '../support/exchanges/index.js';
import { follow } from '../support/follower.js';
import { undoneAfterEach } from '../support/opened.js';
import { startTickwire } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const undos = undoneAfterEach();

interface Rig {
  readonly exchange: FakeExchange;
  /** What was traded, and when by this process. */
  readonly traded: { readonly id: number; readonly at: number }[];
  readonly arguments: readonly string[];
  readonly folder: string;
  files(): readonly string[];
}

/** A fake exchange on which BTC-USDT is traded all the time. */
const startRig = async (): Promise<Rig> => {
  const { exchange, server, close } = await startExchange('binance');
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-record-'));
  const traded: { id: number; at: number }[] = [];
  const timer = setInterval(() => {
    exchange.trade('BTC-USDT');
    traded.push({ id: exchange.truth('BTC-USDT').at(-1)?.id ?? 0, at: Date.now() });
  }, 10);
  undos.push(
    () => rm(folder, { recursive: true }),
    close,
    () => clearInterval(timer),
  );
  const out = join(folder, 'binance.ws.gz');
  const given = ['--feed', 'binance', '--symbols', 'BTC-USDT', '--out', out];
  return {
    exchange,
    traded,
    folder,
    arguments: [...given, '--ws-url', server.socketUrl, '--rest-url', server.httpUrl],
    files: () =>
      readdirSync(folder)
        .sort()
        .map((name) => join(folder, name)),
  };
};

interface Recording {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
}

const startRecord = (args: readonly string[]): Recording => {
  const child = spawn(process.execPath, ['apps/record/dist/main.js', ...args], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  undos.push(() => child.kill('SIGKILL'));
  return { child, out: () => out, err: () => err };
};

const idsIn = async (file: string): Promise<readonly number[]> => {
  const text = gunzipSync(await readFile(file), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  return [...text.matchAll(/"e":"trade".*?"t":(\d+),/g)].map(([, id]) => Number(id));
};

const allIds = async (files: readonly string[]): Promise<readonly number[]> =>
  (await Promise.all(files.map(idsIn))).flat();

describe('npm run record', () => {
  it('[RC1] [RC2] [RC5] writes every frame, begins new files by age, ends in good order and names its files', async () => {
    const rig = await startRig();
    const recording = startRecord([...rig.arguments, '--max-minutes', '0.02']);
    await waitFor('three files', () => rig.files().length >= 3, 30_000);
    const wanted = (await allIds(rig.files())).at(-1) ?? 0;
    expect(wanted).toBeGreaterThan(0);
    await waitFor('progress', () => /\d+ frames, 0 dropped, \d+ files; BTC-USDT live/.test(recording.err()), 20_000);
    const closed = once(recording.child, 'close');
    recording.child.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
    expect(recording.out().trimEnd().split('\n')).toEqual(rig.files());
    const ids = await allIds(rig.files());
    expect(ids).toEqual(ids.map((_, at) => (ids[0] ?? 0) + at));
    expect(ids.at(-1)).toBeGreaterThan(wanted);
  });

  it('[RC4] killed, it has lost at most the last second, and the file is replayed from now on', async () => {
    const rig = await startRig();
    const recording = startRecord(rig.arguments);
    await waitFor('a file', () => rig.files().length === 1, 20_000);
    const began = rig.traded.length;
    await waitFor('some trades', () => rig.traded.length > began + 300, 20_000);
    const closed = once(recording.child, 'close');
    const killedAt = Date.now();
    recording.child.kill('SIGKILL');
    await closed;
    const [file = ''] = rig.files();
    const ids = await idsIn(file);
    expect(ids).toEqual(ids.map((_, at) => (ids[0] ?? 0) + at));
    const safe = rig.traded.filter(({ at }) => at < killedAt - 1_000).at(-1);
    expect(ids.at(-1)).toBeGreaterThanOrEqual(safe?.id ?? Number.POSITIVE_INFINITY);

    const settings = { FEED: 'replay', REPLAY_FILE: file, REPLAY_SPEED: '10', REPLAY_TIMES: 'now' };
    const startedAt = Date.now();
    await using app = await startTickwire('standalone', settings);
    const trades = 'trade.binance.BTC-USDT';
    await waitFor('a trade', async () => (await fetch(`${app.url}/api/snapshot?channels=${trades}`)).ok);
    using follower = follow(app.url, [trades], '&last=1000');
    await waitFor('the last trade', () => follower.tradeIds(trades).at(-1) === ids.at(-1), 30_000);
    expect(follower.tradeIds(trades)).toEqual(ids);
    expect(follower.violations).toEqual([]);
    for (const text of follower.payloads(trades).values()) {
      const { ts } = JSON.parse(text) as { ts: number };
      expect(ts).toBeGreaterThan(startedAt - 5_000);
    }
  });

  it('[RC2] [RC30] goes on without a reader, and ends in good order when its terminal is closed', async () => {
    const rig = await startRig();
    const { child } = startRecord(rig.arguments);
    await waitFor('a file', () => rig.files().length === 1, 20_000);
    child.stdout?.destroy();
    child.stderr?.destroy();
    // It says that the connection is lost, to nobody.
    rig.exchange.cutAll(1001, 'going away');
    await waitFor('the next connection', () => rig.exchange.connectTimes.length === 2, 20_000);
    const before = rig.exchange.truth('BTC-USDT').at(-1)?.id ?? 0;
    await waitFor('frames after that', async () => ((await allIds(rig.files())).at(-1) ?? 0) > before, 20_000);
    const exited = once(child, 'exit');
    child.kill('SIGHUP');
    expect(await exited).toEqual([0, null]);
  });

  it('[RC3] a symbol that is not listed ends it with exit code 2 and the nearest names', async () => {
    const rig = await startRig();
    const args = rig.arguments.map((word) => (word === 'BTC-USDT' ? 'BTC-USTD' : word));
    const recording = startRecord(args);
    expect(await once(recording.child, 'close')).toEqual([2, null]);
    expect(recording.err()).toBe('binance does not list BTC-USTD (nearest: BTC-USDT, ETH-USDT)\n');
    expect(rig.files()).toEqual([]);
  });
});
