import { expect, test } from '@jest/globals';
import { binance } from './binance-venue.js';

test('[M101] a core maps 200,000 trade frames a second, parsing included', () => {
  const map = binance.createMapper([{ symbol: 'BTC-USDT', name: 'BTCUSDT' }]);
  const frames = Array.from(
    { length: 20_000 },
    (_, i) =>
      `{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":${3_735_683_259 + i},"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}}`,
  );
  let fastest = 0;
  // CPU time, because the machine may be busy. The first rounds warm up.
  for (let round = 0; round < 10; round++) {
    const before = process.cpuUsage();
    let items = 0;
    for (const frame of frames) items += map(binance.parse(frame), 1).length;
    const { user, system } = process.cpuUsage(before);
    expect(items).toBe(frames.length);
    fastest = Math.max(fastest, items / ((user + system) / 1e6));
  }
  expect(fastest).toBeGreaterThan(200_000);
});
