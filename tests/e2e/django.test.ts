import { describe, expect, it } from '@jest/globals';
import { connectPlain } from '../support/plain-client.js';
import { startPythonPeer } from '../support/python-peer.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTickwire } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

const group = 'ticker.sim.BTC-USD';

describe.each([
  ['without encryption', []],
  ['with encryption', ['new-key', 'old-key']],
])('a Django Channels layer on the same Redis, %s', (_name, keys) => {
  it('[E12] what Python sends to a group reaches a client, and our ticker reaches a Python consumer with all its fields', async () => {
    await using redis = await startRedisServer();
    const env = { REDIS_URL: redis.url, LAYER_ENCRYPTION_KEYS: keys.join() };
    await using gateway = await startTickwire('gateway', { ...env, DRAIN_MS: '0' });
    await using peer = await startPythonPeer({
      hosts: [redis.url],
      ...(keys.length > 0 && { symmetric_encryption_keys: keys }),
    });
    using client = await connectPlain(`${gateway.url}/ws/prediction/?channels=${group}`);
    const fromDjango = {
      type: 'price.ticker',
      last: '61234.50',
      note: 'from Django é',
      nested: { list: [1, 2.5, null] },
    };
    await waitFor('the client to hear Python', async () => {
      await peer.groupSend(group, fromDjango);
      return client.messages.length > 0;
    });
    expect(client.messages[0]).toEqual({ channel: group, ...fromDjango });

    const channel = await peer.join(group);
    await using producer = await startTickwire('producer', { ...env, SYMBOLS: 'BTC-USD', SIM_RATE: '20' });
    const ours = await waitFor('Python to hear our ticker', () => {
      expect(producer.output()).not.toContain('"level":"error"');
      return peer.received.find((each) => each.channel === channel && each.message['seq'] !== undefined)?.message;
    });
    const seen = await client.until('the client to have the same', (message) => message['seq'] === ours['seq']);
    expect(seen).toEqual({ channel: group, ...ours });
    expect(ours).toMatchObject({
      type: 'price.ticker',
      venue: 'sim',
      symbol: 'BTC-USD',
      epoch: expect.any(String),
      seq: expect.any(Number),
      ts: expect.any(Number),
      rts: expect.any(Number),
      pts: expect.any(Number),
      last: expect.stringMatching(/^\d+\.\d+$/),
      bid: expect.any(String),
      ask: expect.any(String),
      bidSize: expect.any(String),
      askSize: expect.any(String),
      open24h: expect.any(String),
      volume24h: expect.any(String),
      vwap24h: expect.any(String),
      changePct24h: expect.any(String),
    });
  });
});
