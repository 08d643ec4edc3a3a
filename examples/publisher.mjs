// Publishes the trades of a market straight to Redis. Kill it and start it again: no trade is missing or doubled.
import { createPublisher } from '@tickwire/channel-layer';

const { SOURCE = 'https://data-api.binance.vision', SOURCE_SYMBOL = 'BTCUSDT', SYMBOL = 'BTC-USDT' } = process.env;
const { REDIS_URL = 'redis://localhost:6379', CHANNELS = 'trade.mine.*,ticker.mine.*' } = process.env;
const publisher = createPublisher({ url: REDIS_URL, channels: CHANNELS, fence: true });

for (let last; ; await new Promise((resolve) => setTimeout(resolve, 500))) {
  try {
    last ??= (await publisher.newest(`trade.mine.${SYMBOL}`))?.id;
    const from = last === undefined ? '' : `&fromId=${Number(last) + 1}`;
    const response = await fetch(`${SOURCE}/api/v3/aggTrades?symbol=${SOURCE_SYMBOL}&limit=500${from}`);
    for (const { a: id, p: price, q: size, m, T: ts } of await response.json()) {
      const once = { idempotencyKey: String(id) };
      await publisher.publish(`ticker.mine.${SYMBOL}`, { last: price, ts }, once);
      const trade = { id: String(id), price, size, side: m ? 'sell' : 'buy', ts };
      const { seq } = await publisher.publish(`trade.mine.${SYMBOL}`, trade, once);
      last = id;
      console.log(seq, id, price);
    }
  } catch (error) {
    if (error.code === 'CHANNEL_TAKEN_OVER') throw error;
    console.error(error.message);
  }
}
