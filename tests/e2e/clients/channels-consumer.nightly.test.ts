import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { startClientProcess } from '../../support/client-process.js';
import { pinnedPythonVersion, prove, proveElsewhere } from '../../support/compatibility.js';
import { connectPlain } from '../../support/plain-client.js';
import { openPublished } from '../../support/published.js';
import { pythonPeerBin, pythonPeerHas } from '../../support/python-peer.js';
import { startRedisServer } from '../../support/redis-server.js';
import { startTickwire } from '../../support/tickwire-process.js';
import { waitFor } from '../../support/wait-for.js';

const channel = 'trade.sim.BTC-USD';
const script = fileURLToPath(new URL('./channels_consumer.py', import.meta.url));

describe('a consumer of Django Channels on the same Redis', () => {
  it('[E12] its handlers get every trade as it was published, and its group_send reaches our clients', async () => {
    const about = {
      protocol: 'Django Channels, on the side of Redis',
      client: 'AsyncWebsocketConsumer over channels_redis (Python)',
      version: `${pinnedPythonVersion('channels')}, channels_redis ${pinnedPythonVersion('channels_redis')}`,
      checked: 'its handlers get every trade as it was published; its group_send reaches clients of a gateway',
    };
    if (!pythonPeerHas('django, channels')) return proveElsewhere(about, 'this Python does not have Django');
    await prove(about, async () => {
      await using redis = await startRedisServer();
      await using published = await openPublished(redis.port);
      await using gateway = await startTickwire('gateway', { REDIS_URL: redis.url });
      await using consumer = startClientProcess(pythonPeerBin(), [script, redis.url, channel]);
      await waitFor('the consumer', () => consumer.of('connected').length > 0, 20_000);
      using client = await connectPlain(`${gateway.url}/ws/prediction/?channels=${channel}`);
      const sent = { type: 'price.trade', price: '1.5', note: 'from Django é', nested: [1, null] };
      const heard = await waitFor('the client to hear Django', () => {
        consumer.write(sent);
        return client.messages[0];
      });
      expect(heard).toEqual({ channel, ...sent });

      await using _producer = await startTickwire('producer', {
        REDIS_URL: redis.url,
        SYMBOLS: 'BTC-USD',
        SIM_RATE: '40',
      });
      const ours = (): readonly unknown[] =>
        consumer.of('trade').flatMap(({ message }) => ((message as { seq?: number }).seq ? [message] : []));
      // Python does not wait for its subscription: it may have missed the first ones, and none after one it got.
      await waitFor('trades', () => ours().length >= 30);
      const trades = [...ours()];
      const first = (trades[0] as { seq: number }).seq;
      expect(trades).toEqual(await published.range(channel, first, first + trades.length - 1));
    });
  });
});
