import { describe, expect, test } from '@jest/globals';
import { type CcxtExchange, type CcxtModule, createCcxtFeed } from '@tickwire/market';
import { createFeedRecord, startExchange } from '../support/exchanges/index.js';
import { undoneAfterEach } from '../support/opened.js';
import { waitFor } from '../support/wait-for.js';

const undos = undoneAfterEach();

/** What of ccxt's exchange must be changed so that it speaks to the fake one. */
interface Settable extends CcxtExchange {
  urls: { api: { ws: { spot: string }; public: string } };
  loadHttpProxyAgent(): Promise<unknown>;
}

describe('a feed through the real ccxt', () => {
  test('[M94] brings the trades with their digits, and after a broken connection what was missed', async () => {
    const { exchange, server, close } = await startExchange('binance');
    undos.push(close);
    exchange.trade('BTC-USDT', 3);
    const record = createFeedRecord();
    const feed = createCcxtFeed({
      exchange: 'binance',
      symbols: ['BTC-USDT'],
      // Aggregated trades, which ccxt would ask for, have ids of their own.
      config: {
        options: { fetchMarkets: { types: ['spot'] }, fetchCurrencies: false, fetchTradesMethod: 'publicGetTrades' },
      },
      load: async () => (await import('ccxt')) as unknown as CcxtModule,
      configure: async (created) => {
        const settable = created as Settable;
        settable.urls.api.ws.spot = server.socketUrl;
        settable.urls.api.public = `${server.httpUrl}/api/v3`;
        await settable.loadHttpProxyAgent(); // else it opens no plain ws://
      },
    });
    undos.push(feed.close);
    await feed.start(record.onEvents);
    await waitFor('the subscription', () => [...exchange.clients].some(({ streams }) => streams.has('btcusdt@trade')));
    const trading = setInterval(() => exchange.trade('BTC-USDT'), 20);
    undos.push(() => clearInterval(trading));
    await waitFor('trades', () => record.tradeIds('BTC-USDT').length > 20);
    expect(record.state('BTC-USDT')).toBe('live');
    server.destroySockets();
    await waitFor('the loss', () => record.states('BTC-USDT').filter((state) => state === 'down').length === 2, 20_000);
    await waitFor('live again', () => record.state('BTC-USDT') === 'live', 30_000);
    clearInterval(trading);
    await waitFor('the last trade', () => record.tradeIds('BTC-USDT').at(-1) === exchange.truth('BTC-USDT').at(-1)?.id);
    expect(record.gaps('BTC-USDT')).toEqual([]);
    expect(record.faultsOf('BTC-USDT', exchange)).toEqual([]);
  });
});
