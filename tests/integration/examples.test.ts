import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { startMemoryGateway } from '../support/memory-gateway.js';
import { pythonPeerBin } from '../support/python-peer.js';
import { firstTradeId as firstId, startTradesExchange } from '../support/trades-exchange.js';
import { waitFor } from '../support/wait-for.js';

const apiKey = 'correct horse battery';
const channel = 'trade.mine.BTC-USDT';

describe('the producers in examples/', () => {
  it.each<[string, () => string]>([
    ['producer.mjs', () => process.execPath],
    ['producer.py', pythonPeerBin],
  ])('[G194] %s, killed and started again, leaves no gap and doubles nothing', async (name, command) => {
    await using exchange = await startTradesExchange();
    await using served = await startMemoryGateway({ env: { API_KEY: apiKey, CHANNELS: 'trade.mine.*,ticker.mine.*' } });
    const script = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
    const env = { ...process.env, SOURCE: exchange.url, TICKWIRE: served.url, API_KEY: apiKey };
    const published = async () => (await served.history.read(channel, { afterSeq: 0, limit: 1_000 })).messages;

    let wanted = 2;
    for (let round = 0; round < 3; round += 1) {
      const producer: ChildProcess = spawn(command(), [script], { env, stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = once(producer, 'close');
      try {
        // In the middle of its work: with the first lines it has printed there is more to come.
        await waitFor('it to publish', async () => (await published()).length >= wanted);
      } finally {
        producer.kill('SIGKILL');
        await ended;
      }
      wanted = (await published()).length + 4;
    }
    const messages = await published();
    expect(messages.map(({ id }) => id)).toEqual(messages.map((_, index) => String(firstId + index)));
    expect(messages[0]).toMatchObject({
      type: 'price.trade',
      venue: 'mine',
      symbol: 'BTC-USDT',
      price: '1000.50',
      size: '0.1',
      side: 'sell',
      seq: 1,
    });
    const symbols = await fetch(`${served.url}/api/symbols`);
    expect(await symbols.json()).toContainEqual(expect.objectContaining({ venue: 'mine', symbol: 'BTC-USDT' }));
    const [ticker] = await served.history.newest(['ticker.mine.BTC-USDT'], 1_000);
    expect(ticker?.messages.slice(0, 3).map(({ last }) => last)).toEqual(['1000.50', '1001.50', '1002.50']);
    expect(new Set(ticker?.messages.map(({ last }) => last)).size).toBe(ticker?.messages.length);
  });
});
