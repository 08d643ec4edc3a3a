import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { proveClient, rawProcess, type SeeingClient } from '../../support/binance-proof.js';
import { type BinanceRig, startBinanceRig } from '../../support/binance-rig.js';
import { startClientProcess } from '../../support/client-process.js';
import { pinnedPythonVersion, prove, proveElsewhere } from '../../support/compatibility.js';
import { pythonPeerBin, pythonPeerHas } from '../../support/python-peer.js';
import { startTlsProxy } from '../../support/tls-proxy.js';

const scriptOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const openPythonBinance = (url: string): SeeingClient =>
  rawProcess(startClientProcess(pythonPeerBin(), [scriptOf('./python_binance_follow.py'), url]));

const openCryptofeed = async (rig: BinanceRig): Promise<SeeingClient> => {
  const tls = await startTlsProxy(rig.port);
  const args = [scriptOf('./cryptofeed_follow.py'), rig.url, `wss://127.0.0.1:${tls.port}`];
  const script = startClientProcess(pythonPeerBin(), args, { SSL_CERT_FILE: tls.certificateFile });
  return {
    get trades() {
      return script.of('trade') as unknown as SeeingClient['trades'];
    },
    get tickers() {
      return script.of('ticker') as unknown as SeeingClient['tickers'];
    },
    get bars() {
      return script.of('candle') as unknown as SeeingClient['bars'];
    },
    barInterval: '1m',
    async [Symbol.asyncDispose]() {
      await script[Symbol.asyncDispose]();
      await tls[Symbol.asyncDispose]();
    },
  };
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
    const about = {
      protocol,
      client: 'python-binance (Python)',
      version: pinnedPythonVersion('python-binance'),
      checked,
    };
    if (!pythonPeerHas('binance')) return proveElsewhere(about, 'this Python does not have it');
    await prove(about, async () => {
      await using client = openPythonBinance(rig.url);
      await proveClient(rig, client);
    });
  });

  it('[G45] cryptofeed: symbols by REST, trades, tickers and candles over TLS', async () => {
    const checked =
      'symbols by REST; trades, tickers and 1 min candles over TLS equal what was published; gateway killed, back by itself on another';
    const about = { protocol, client: 'cryptofeed (Python)', version: pinnedPythonVersion('cryptofeed'), checked };
    if (!pythonPeerHas('cryptofeed')) return proveElsewhere(about, 'this Python does not have it');
    await prove(about, async () => {
      await using client = await openCryptofeed(rig);
      await proveClient(rig, client);
    });
  });
});
