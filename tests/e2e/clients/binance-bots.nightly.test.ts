import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { proveClient, rawProcess, type SeeingClient, seeingProcess } from '../../support/binance-proof.js';
import { startBinanceRig } from '../../support/binance-rig.js';
import { startClientProcess } from '../../support/client-process.js';
import { type ClientPython, clientPython } from '../../support/client-python.js';
import { prove, proveElsewhere } from '../../support/compatibility.js';
import { startTickwire } from '../../support/tickwire-process.js';
import { patientMs, waitFor } from '../../support/wait-for.js';

const strategies = dirname(fileURLToPath(new URL('./freqtrade_strategy.py', import.meta.url)));
const protocol = 'Binance market streams';
const noPip = 'pip cannot install it here';

/** What a bot of Binance has in its configuration, but for the addresses. */
const freqtradeConfig = (url: string): object => {
  const api = `${url}/api/v3`;
  const sapi = `${url}/sapi/v1`;
  const pricing = { price_side: 'same', use_order_book: true, order_book_top: 1 };
  return {
    max_open_trades: 2,
    stake_currency: 'USDT',
    stake_amount: 100,
    dry_run: true,
    dry_run_wallet: 1_000,
    initial_state: 'running',
    bot_name: 'tickwire',
    internals: { process_throttle_secs: 2 },
    pairlists: [{ method: 'StaticPairList' }],
    entry_pricing: pricing,
    exit_pricing: pricing,
    exchange: {
      name: 'binance',
      key: '',
      secret: '',
      pair_whitelist: ['BTC/USDT', 'ETH/USDT'],
      ccxt_config: {
        urls: { api: { public: api, private: api, sapi, ws: { spot: `${url.replace('http', 'ws')}/ws` } } },
        options: { fetchMarkets: { types: ['spot'] }, defaultType: 'spot' },
      },
    },
  };
};

const openUnicorn = (bin: string, url: string): SeeingClient =>
  rawProcess(startClientProcess(bin, [join(strategies, 'unicorn_follow.py'), url]));

describe('bots of Binance, with another address', () => {
  const aboutOf = (client: string, { version }: ClientPython, checked: string) => ({
    protocol,
    client: `${client} (Python)`,
    version,
    checked,
  });

  it(
    '[G167] freqtrade enters trades in a dry run, with our candles and our best bid',
    async () => {
      const python = clientPython('freqtrade');
      const { bin } = python;
      const about = aboutOf(
        'freqtrade',
        python,
        'dry run: 5 min candles equal ours, a trade is entered at our best bid',
      );
      if (bin === undefined) return proveElsewhere(about, noPip);
      await prove(about, async () => {
        await using hub = await startTickwire('standalone', {
          SYMBOLS: 'BTC-USDT,ETH-USDT',
          SIM_RATE: '5',
          SIM_PAST_MINUTES: '1439',
        });
        const folder = await mkdtemp(join(tmpdir(), 'tickwire-freqtrade-'));
        try {
          const config = join(folder, 'config.json');
          await writeFile(config, JSON.stringify(freqtradeConfig(hub.url)));
          const paths = [
            '--userdir',
            folder,
            '--strategy-path',
            strategies,
            '--db-url',
            `sqlite:///${folder}/trades.db`,
          ];
          await using bot = startClientProcess(bin, [
            '-m',
            'freqtrade',
            'trade',
            '-c',
            config,
            ...paths,
            '-s',
            'BuyAll',
          ]);
          await waitFor('both trades', () => bot.of('filled').length >= 2, 120_000);
          for (const { pair, price } of bot.of('filled')) {
            const symbol = String(pair).replace('/', '');
            const klines = await (await fetch(`${hub.url}/api/v3/klines?symbol=${symbol}&interval=1m&limit=10`)).json();
            const rows = klines as readonly (readonly string[])[];
            expect(Number(price)).toBeGreaterThan(Math.min(...rows.map((row) => Number(row[3]))) * 0.999);
            expect(Number(price)).toBeLessThan(Math.max(...rows.map((row) => Number(row[2]))) * 1.001);
          }
          for (const { pair, count, start, values } of bot.of('candles').slice(-2)) {
            const symbol = String(pair).replace('/', '');
            const at = `startTime=${String(start)}&limit=1`;
            const klines = await (await fetch(`${hub.url}/api/v3/klines?symbol=${symbol}&interval=5m&${at}`)).json();
            const [row] = klines as readonly (readonly string[])[];
            expect(values).toEqual(row?.slice(1, 6).map(Number));
            expect(count).toBeGreaterThan(100);
          }
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      });
    },
    patientMs(900_000),
  );

  it(
    '[G45] unicorn-binance-websocket-api',
    async () => {
      const python = clientPython('unicorn-binance-websocket-api');
      const { bin } = python;
      const checked =
        'trades, tickers and 1 s klines equal what was published; gateway killed, back by itself on another';
      const about = aboutOf('unicorn-binance-websocket-api', python, checked);
      if (bin === undefined) return proveElsewhere(about, noPip);
      await prove(about, async () => {
        await using rig = await startBinanceRig();
        await using client = openUnicorn(bin, rig.url);
        await proveClient(rig, client);
      });
    },
    patientMs(900_000),
  );

  it(
    '[G45] [G167] nautilus_trader loads instruments, and follows trades, quotes, a book and bars',
    async () => {
      const python = clientPython('nautilus_trader');
      const { bin } = python;
      const checked =
        'instruments with their fees and 1 s bars of the past by REST; trades, quotes, best of the book and 1 s bars equal what was published; gateway killed, back by itself on another';
      const about = aboutOf('nautilus_trader', python, checked);
      if (bin === undefined) return proveElsewhere(about, noPip);
      await prove(about, async () => {
        await using rig = await startBinanceRig();
        await using bot = startClientProcess(bin, [join(strategies, 'nautilus_follow.py'), rig.url]);
        await waitFor('instruments and the past', () => bot.of('past').length > 0, 120_000);
        expect(bot.of('instruments')[0]).toMatchObject({ names: ['BTCUSDT.BINANCE'], fee: '0' });
        await proveClient(rig, seeingProcess(bot, { hasNumbers: true }));
        const quotes = new Set((await rig.published('ticker')).map(({ bid, ask }) => `${Number(bid)} ${Number(ask)}`));
        const books = bot.of('book').slice(0, 20);
        expect(books.length).toBeGreaterThan(2);
        for (const { bid, ask } of books) expect(quotes).toContain(`${Number(bid)} ${Number(ask)}`);
        const bars = new Map((await rig.published('bar-1s')).map((bar) => [bar['start'], bar]));
        for (const { start, close, volume } of bot.of('past').slice(0, -1)) {
          const bar = bars.get(start);
          expect([Number(close), Number(volume)]).toEqual([Number(bar?.['close']), Number(bar?.['volume'])]);
        }
      });
    },
    patientMs(900_000),
  );
});
