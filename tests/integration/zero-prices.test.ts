import { describe, expect, it } from '@jest/globals';
import { startFakeMarket } from '../support/fake-market.js';
import { connectPlain } from '../support/plain-client.js';
import { waitFor } from '../support/wait-for.js';

const zero = '0.00000000';
const zeros = { e: '24hrMiniTicker', s: 'NEWUSDT', c: zero, o: zero, h: zero, l: zero, v: zero, q: zero };

describe('a pair that is listed and not traded yet', () => {
  it('[M104] zeros of its day are never sent as a price', async () => {
    const symbol = 'NEW-USDT';
    await using market = await startFakeMarket({
      symbols: [{ symbol, priceDecimals: 4, sizeDecimals: 2 }],
      env: { SYMBOLS: symbol },
    });
    const { exchange, url } = market;
    const channels = ['ticker', 'trade', 'forecast', 'health', 'bar-1s'].map((kind) => `${kind}.binance.${symbol}`);
    using current = await connectPlain(`${url}/ws/prediction/?symbol=${symbol}`);
    using client = await connectPlain(`${url}/ws/prediction/?channels=${channels.join()}`);
    await waitFor('the subscription', () => [...exchange.clients].some(({ streams }) => streams.size === 3));
    const sendZeros = (): void => {
      for (const each of exchange.clients) each.sendRaw(JSON.stringify({ ...zeros, E: Date.now() }));
    };
    const timer = setInterval(sendZeros, 50);
    try {
      await client.until('life', ({ type, state }) => type === 'feed.health' && state === 'live');
    } finally {
      clearInterval(timer);
    }
    exchange.trade(symbol);
    await client.until('a trade', ({ type }) => type === 'price.trade');
    await current.until('a price', ({ price }) => Number(price) > 0);
    const sent = [...client.messages, ...current.messages];
    const prices = sent.flatMap(({ price, last, open, bid, ask }) => [price, last, open, bid, ask]);
    expect(prices.filter((price) => price !== undefined && !(Number(price) > 0))).toEqual([]);
    const rest = await fetch(`${url}/api/v3/ticker/price?symbol=NEWUSDT`);
    expect(Number(((await rest.json()) as { price: string }).price)).toBeGreaterThan(0);
  });
});
