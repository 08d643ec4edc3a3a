import { describe, expect, it } from '@jest/globals';
import { openCentrifuge } from '../support/centrifuge-client.js';
import { startFakeMarket } from '../support/fake-market.js';
import { connectPlain } from '../support/plain-client.js';
import { waitFor } from '../support/wait-for.js';

const listed = (symbol: string, quoteVolume = 1) => ({ symbol, priceDecimals: 2, sizeDecimals: 2, quoteVolume });

describe('a producer that follows a whole venue', () => {
  it('[P202] a new listing joins and a delisted symbol ends, in the catalog and for clients of every protocol', async () => {
    await using market = await startFakeMarket({
      symbols: [listed('BTC-USDT', 3), listed('OLD-USDT', 2), listed('ETH-BTC')],
      env: { SYMBOLS: '*-USDT', LISTING_MS: '1000' },
    });
    const { exchange, url, producer } = market;
    const symbols = async (): Promise<string[]> =>
      ((await (await fetch(`${url}/api/symbols`)).json()) as { symbol: string }[]).map(({ symbol }) => symbol);
    const ofBinance = async (): Promise<string[]> => {
      const { symbols: all } = (await (await fetch(`${url}/api/v3/exchangeInfo`)).json()) as {
        symbols: { symbol: string }[];
      };
      return all.map(({ symbol }) => symbol);
    };
    await waitFor('the catalog', async () => (await symbols()).length === 2);
    expect(await symbols()).toEqual(['BTC-USDT', 'OLD-USDT']);
    using all = await connectPlain(`${url}/ws/!miniTicker@arr`);
    using old = await connectPlain(`${url}/ws/prediction/?channels=health.binance.OLD-USDT`);

    exchange.list(listed('NEW-USDT'));
    const trading = setInterval(() => {
      for (const symbol of ['BTC-USDT', 'NEW-USDT']) exchange.trade(symbol);
    }, 50);
    try {
      await waitFor('the new symbol', async () => (await symbols()).includes('NEW-USDT'));
      using client = await connectPlain(`${url}/ws/prediction/?channels=trade.binance.NEW-USDT`);
      await client.until('a trade', ({ type }) => type === 'price.trade', 20_000);
      await all.until('its ticker', ({ s }) => s === 'NEWUSDT', 20_000);
      expect(await ofBinance()).toContain('NEWUSDT');

      exchange.delist('OLD-USDT');
      await old.until(
        'its end',
        ({ state, reason }) => state === 'down' && /does not list it/.test(String(reason)),
        20_000,
      );
      await waitFor('the catalog without it', async () => !(await symbols()).includes('OLD-USDT'));
      await waitFor('the same for clients of Binance', async () => (await ofBinance()).join() === 'BTCUSDT,NEWUSDT');
    } finally {
      clearInterval(trading);
    }
    // Its stream is left once its end was reported.
    await waitFor('the end of its stream', () => producer.streams().length === 2);
    expect(producer.streams().map(({ symbol }) => symbol)).toEqual(['BTC-USDT', 'NEW-USDT']);
    expect(exchange.violations).toEqual([]);
  });

  it('[P202] [P333] a symbol that left and joins again goes on for clients of every protocol that stayed', async () => {
    await using market = await startFakeMarket({
      symbols: [listed('BTC-USDT', 3), listed('OLD-USDT', 2)],
      env: { SYMBOLS: '*-USDT', LISTING_MS: '1000' },
    });
    const { exchange, url, producer } = market;
    const channel = 'trade.binance.OLD-USDT';
    await waitFor('the catalog', async () => (await (await fetch(`${url}/api/symbols`)).text()).includes('OLD-USDT'));
    using plain = await connectPlain(`${url}/ws/prediction/?channels=${channel},health.binance.OLD-USDT`);
    using binance = await connectPlain(`${url}/ws/oldusdt@trade`);
    using centrifuge = await openCentrifuge(url);
    await centrifuge.connect();
    await centrifuge.call({ subscribe: { channel } });
    const counts = (): readonly number[] => [
      plain.messages.filter(({ type }) => type === 'price.trade').length,
      binance.messages.filter(({ e }) => e === 'trade').length,
      centrifuge.pubs(channel).length,
    ];
    let isListed = true;
    const trading = setInterval(() => {
      if (isListed) exchange.trade('OLD-USDT');
    }, 50);
    const grows = async (): Promise<void> => {
      const before = counts();
      await waitFor('trades on every protocol', () => counts().every((count, at) => count > (before[at] ?? 0)), 30_000);
    };
    try {
      await grows();
      isListed = false;
      exchange.delist('OLD-USDT');
      await plain.until('its end', ({ state }) => state === 'down', 20_000);
      await waitFor('the end of its stream', () => producer.streams().length === 1);
      exchange.list(listed('OLD-USDT', 2));
      isListed = true;
      await grows();
    } finally {
      clearInterval(trading);
    }
    for (const client of [plain, binance, centrifuge]) expect(client.socket.readyState).toBe(client.socket.OPEN);
    // Positions go on where they were: nobody noticed more than a pause.
    const seqs = plain.messages.filter(({ type }) => type === 'price.trade').map(({ seq }) => Number(seq));
    expect(seqs).toEqual(seqs.map((_, at) => (seqs[0] ?? 0) + at));
    expect(centrifuge.pushes('unsubscribe')).toEqual([]);
    expect(exchange.violations).toEqual([]);
  });
});
