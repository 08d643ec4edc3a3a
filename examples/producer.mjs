// Publishes the trades of a market on channels of your own. Kill it and start it again: no trade is missing or doubled.
const { SOURCE = 'https://data-api.binance.vision', SOURCE_SYMBOL = 'BTCUSDT', SYMBOL = 'BTC-USDT' } = process.env;
const { TICKWIRE = 'http://localhost:8000', API_KEY = '' } = process.env;

const ask = async (url, init) => {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
};
// The same key publishes once: what was published, and the answer lost, is simply published again.
const publish = (channel, id, message) => {
  const headers = { 'Content-Type': 'application/json', 'X-API-Key': API_KEY, 'Idempotency-Key': `${channel}-${id}` };
  return ask(`${TICKWIRE}/api/publish`, { method: 'POST', headers, body: JSON.stringify({ channel, message }) });
};

for (let last; ; await new Promise((resolve) => setTimeout(resolve, 500))) {
  try {
    last ??= (await ask(`${TICKWIRE}/api/history?channel=trade.mine.${SYMBOL}&limit=1`)).messages[0]?.id;
    const from = last === undefined ? '' : `&fromId=${Number(last) + 1}`;
    for (const { a: id, p: price, q: size, m, T: ts } of await ask(
      `${SOURCE}/api/v3/aggTrades?symbol=${SOURCE_SYMBOL}&limit=500${from}`,
    )) {
      const trade = { type: 'price.trade', id: String(id), price, size, side: m ? 'sell' : 'buy', ts };
      await publish(`ticker.mine.${SYMBOL}`, id, { type: 'price.ticker', last: price, ts });
      const { position } = await publish(`trade.mine.${SYMBOL}`, id, trade);
      last = id;
      console.log(position.seq, id, price);
    }
  } catch (error) {
    console.error(error.message);
  }
}
