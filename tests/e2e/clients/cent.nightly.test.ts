import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { openCentrifuge } from '../../support/centrifuge-client.js';
import { startClientProcess } from '../../support/client-process.js';
import { pinnedPythonVersion, prove, proveElsewhere } from '../../support/compatibility.js';
import { startMemoryGateway } from '../../support/memory-gateway.js';
import { pythonPeerBin, pythonPeerHas } from '../../support/python-peer.js';
import { waitFor } from '../../support/wait-for.js';

const apiKey = 'correct horse battery';
const script = fileURLToPath(new URL('./cent_publish.py', import.meta.url));

describe("Centrifugo's own client of its server API, unchanged", () => {
  it('[G190] [G191] [G192] cent publishes, broadcasts, batches, asks and disconnects', async () => {
    const about = {
      protocol: 'Centrifugo server API',
      client: 'cent (Python)',
      version: pinnedPythonVersion('cent'),
      checked:
        'publish with an idempotency key, broadcast, batch, history, presence_stats, channels, info, disconnect, errors',
    };
    if (!pythonPeerHas('cent')) return proveElsewhere(about, 'this Python does not have it');
    await prove(about, async () => {
      await using served = await startMemoryGateway({ env: { API_KEY: apiKey, CHANNELS: 'news.*' } });
      using follower = await openCentrifuge(served.url);
      await follower.connect();
      await follower.call({ subscribe: { channel: 'news.a' } });
      await using cent = startClientProcess(pythonPeerBin(), [script, `${served.url}/api`, apiKey]);
      await waitFor('all its answers', () => cent.of('unauthorized').length === 1);
      expect(cent.printed().slice(0, -1)).toEqual([
        { event: 'publish', offsets: [1, 1], epochs: 1 },
        { event: 'broadcast', offsets: [2, 1, null], code: 102 },
        { event: 'batch', offset: 3, clients: 1 },
        { event: 'history', offset: 3, data: [2, 3] },
        { event: 'channels', channels: ['news.a'] },
        { event: 'info', nodes: [1] },
        { event: 'error', code: 102 },
      ]);
      expect(await follower.closed).toMatchObject({ code: 3503 });
      expect(follower.pubs('news.a').map(({ data }) => data)).toEqual([{ n: 1 }, 2, 3]);
    });
  });
});
