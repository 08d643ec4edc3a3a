import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { proveClient, rawProcess, seeingProcess } from '../../support/binance-proof.js';
import { type BinanceRig, startBinanceRig } from '../../support/binance-rig.js';
import { type ClientProcess, type PrintedEvent, startClientProcess } from '../../support/client-process.js';
import { buildGo, buildJava, type ClientProgram, pinnedProgramVersion } from '../../support/client-programs.js';
import { prove, proveElsewhere } from '../../support/compatibility.js';
import { patientMs, waitFor } from '../../support/wait-for.js';

const streams = 'trades, tickers and 1 s klines equal what was published';
const byUser = 'gateway killed, back on another by calling again';

describe('clients of Binance in Go and Java, unchanged, and a gateway that is killed', () => {
  let rig: BinanceRig;
  beforeAll(async () => {
    rig = await startBinanceRig();
    await waitFor('some bars to ask for', async () => (await rig.published('bar-1s')).length >= 4);
  });
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]();
  });

  const start = ({ command, args }: Extract<ClientProgram, { readonly command: string }>): ClientProcess =>
    startClientProcess(command, [...args, rig.url]);
  const one = async (client: ClientProcess, event: string): Promise<PrintedEvent> => {
    await waitFor(event, () => client.of(event).length > 0, 60_000);
    return client.of(event)[0] ?? {};
  };
  /** What was asked by REST, before the streams. */
  const expectQuote = async (bid: unknown, ask: unknown): Promise<void> => {
    expect(await rig.published('ticker')).toContainEqual(expect.objectContaining({ bid, ask }));
  };
  const expectKlines = async (rows: unknown): Promise<void> => {
    const bars = await rig.published('bar-1s');
    const closed = (rows as readonly (readonly unknown[])[]).slice(0, -1);
    expect(closed.length).toBeGreaterThan(0);
    for (const [start, open, high, low, close, volume] of closed) {
      expect(bars).toContainEqual(expect.objectContaining({ start, open, high, low, close, volume }));
    }
  };

  it(
    '[G45] [G167] go-binance',
    async () => {
      const about = {
        protocol: 'Binance market streams',
        client: 'go-binance (Go)',
        version: pinnedProgramVersion('go-binance', 'go-binance/v2'),
        checked: `symbols, book, klines, trades and the trading day by REST; ${streams}; ${byUser}`,
      };
      const program = buildGo('go-binance');
      if ('whyNot' in program) return proveElsewhere(about, program.whyNot);
      await prove(about, async () => {
        await using client = start(program);
        const { symbol, bid, ask, klines, prices } = await one(client, 'asked');
        expect(symbol).toBe('BTCUSDT');
        await expectQuote(bid, ask);
        await expectKlines(klines);
        const published = (await rig.published('trade')).map(({ price }) => price);
        expect(published).toEqual(expect.arrayContaining(prices as unknown[]));
        await proveClient(rig, seeingProcess(client));
      });
    },
    patientMs(600_000),
  );

  it(
    '[G45] [G167] binance-connector-java',
    async () => {
      const about = {
        protocol: 'Binance market streams',
        client: 'binance-connector-java (Java)',
        version: pinnedProgramVersion('binance-java', 'binance-connector-java'),
        checked: `book, klines, averages, rolling windows and the trading day by REST; ${streams}; ${byUser}`,
      };
      const program = buildJava('binance-java', 'ConnectorFollow');
      if ('whyNot' in program) return proveElsewhere(about, program.whyNot);
      await prove(about, async () => {
        await using client = start(program);
        const asked = async (event: string): Promise<unknown> => (await one(client, event))['message'];
        const { bids, asks } = (await asked('depth')) as Record<'bids' | 'asks', [[string, string]]>;
        await expectQuote(bids[0][0], asks[0][0]);
        await expectKlines(await asked('klines'));
        expect((await asked('ui')) as unknown[]).not.toEqual([]);
        expect(await asked('average')).toMatchObject({ mins: 5, price: expect.stringMatching(/^\d+\.\d{8}$/) });
        for (const event of ['window', 'day']) expect(await asked(event)).toMatchObject({ symbol: 'BTCUSDT' });
        await proveClient(rig, rawProcess(client));
      });
    },
    patientMs(600_000),
  );

  it(
    '[G45] [G167] XChange',
    async () => {
      const about = {
        protocol: 'Binance market streams',
        client: 'XChange (Java)',
        version: pinnedProgramVersion('binance-java', 'xchange-stream-binance'),
        checked:
          'instruments, ticker and book by REST; trades, tickers and 1 min klines equal what was published; gateway killed, back by itself on another',
      };
      const program = buildJava('binance-java', 'XChangeFollow');
      if ('whyNot' in program) return proveElsewhere(about, program.whyNot);
      await prove(about, async () => {
        await using client = start(program);
        const { bid, ask, isKnown } = await one(client, 'asked');
        expect(isKnown).toBe(true);
        await expectQuote(bid, ask);
        await proveClient(rig, seeingProcess(client, { barInterval: '1m' }));
      });
    },
    patientMs(600_000),
  );
});
