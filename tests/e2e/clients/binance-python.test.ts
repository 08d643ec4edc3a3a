import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { proveClient, type RawEvent, RawEvents, type SeeingClient } from '../../support/binance-proof.js';
import { type BinanceRig, startBinanceRig } from '../../support/binance-rig.js';
import { prove } from '../../support/compatibility.js';
import { pythonPeerBin } from '../../support/python-peer.js';
import { startTlsProxy } from '../../support/tls-proxy.js';

type Told = Readonly<Record<string, unknown>>;

interface Script extends AsyncDisposable {
  /** All it printed. @throws Error with what it complained of, when it ended. */
  told(): readonly Told[];
}

const run = (name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Script => {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(pythonPeerBin(), [script, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const ended = once(child, 'close');
  const told: Told[] = [];
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4_000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as Told));
  return {
    told() {
      if (child.exitCode !== null) throw new Error(`${name} ended: ${complaints}`);
      return told;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
};

const openPythonBinance = (url: string): SeeingClient => {
  const script = run('./python_binance_follow.py', [url]);
  const seen = new RawEvents();
  let read = 0;
  const events = (): RawEvents => {
    const told = script.told();
    for (; read < told.length; read += 1) {
      const message = told[read]?.['message'] as { readonly data?: RawEvent } | undefined;
      if (message?.data !== undefined) seen.add(message.data);
    }
    return seen;
  };
  return {
    get trades() {
      return events().trades;
    },
    get tickers() {
      return events().tickers;
    },
    get bars() {
      return events().bars;
    },
    [Symbol.asyncDispose]: () => script[Symbol.asyncDispose](),
  };
};

const openCryptofeed = async (rig: BinanceRig): Promise<SeeingClient> => {
  const tls = await startTlsProxy(rig.port);
  const script = run('./cryptofeed_follow.py', [rig.url, `wss://127.0.0.1:${tls.port}`], {
    SSL_CERT_FILE: tls.certificateFile,
  });
  const of = (kind: string): Told[] =>
    script.told().flatMap(({ event, ...fields }) => (event === kind ? [fields] : []));
  return {
    get trades() {
      return of('trade') as unknown as SeeingClient['trades'];
    },
    get tickers() {
      return of('ticker') as unknown as SeeingClient['tickers'];
    },
    get bars() {
      return of('candle') as unknown as SeeingClient['bars'];
    },
    barInterval: '1m',
    async [Symbol.asyncDispose]() {
      await script[Symbol.asyncDispose]();
      await tls[Symbol.asyncDispose]();
    },
  };
};

/** The peer's requirements pin the clients. */
const versionOf = (name: string): string => {
  const pins = readFileSync(new URL('../../../scripts/python-peer.txt', import.meta.url), 'utf8');
  const version = new RegExp(`^${name}==(\\S+)$`, 'm').exec(pins)?.[1];
  if (version === undefined) throw new Error(`scripts/python-peer.txt does not pin ${name}`);
  return version;
};

describe('Python clients of Binance, unchanged, and a gateway that is killed', () => {
  let rig: BinanceRig;
  const protocol = 'Binance market streams';
  beforeAll(async () => {
    rig = await startBinanceRig();
  });
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]();
  });

  it('[G45] python-binance: exchange info by REST, a multiplex socket', async () => {
    const checked =
      'exchange info by REST; trades, mini tickers and 1 s klines equal what was published; gateway killed, back by itself on another';
    const about = { protocol, client: 'python-binance (Python)', version: versionOf('python-binance'), checked };
    await prove(about, async () => {
      await using client = openPythonBinance(rig.url);
      await proveClient(rig, client);
    });
  }, 120_000);

  it('[G45] cryptofeed: symbols by REST, trades, tickers and candles over TLS', async () => {
    const checked =
      'symbols by REST; trades, tickers and 1 min candles over TLS equal what was published; gateway killed, back by itself on another';
    const about = { protocol, client: 'cryptofeed (Python)', version: versionOf('cryptofeed'), checked };
    await prove(about, async () => {
      await using client = await openCryptofeed(rig);
      await proveClient(rig, client);
    });
  }, 120_000);
});
