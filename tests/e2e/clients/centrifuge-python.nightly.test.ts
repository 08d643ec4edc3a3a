import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { startClientProcess } from '../../support/client-process.js';
import { pinnedPythonVersion, prove, proveElsewhere } from '../../support/compatibility.js';
import { pythonPeerBin, pythonPeerHas } from '../../support/python-peer.js';
import { type FollowingClient, proveRecovery, recoveryChecked, type Seen } from '../../support/recovery-proof.js';
import { startTwoGateways, type TwoGateways } from '../../support/two-gateways.js';
import { waitFor } from '../../support/wait-for.js';

const channel = 'trade.sim.BTC-USD';
const script = fileURLToPath(new URL('./centrifuge_follow.py', import.meta.url));

const follow = (url: string, encoding: string): FollowingClient => {
  const address = `${url.replace(/^http/, 'ws')}/connection/websocket`;
  const client = startClientProcess(pythonPeerBin(), [script, address, encoding, channel]);
  return {
    seen: () => client.of('publication') as unknown as Seen[],
    recovered: () => client.of('subscribed').map(({ recovered }) => recovered),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
};

describe('the official Python SDK, unchanged, and a gateway that is killed', () => {
  let gateways: TwoGateways;
  beforeAll(async () => {
    gateways = await startTwoGateways({ SYMBOLS: 'BTC-USD', SIM_RATE: '40' });
    // Who comes before the first publication learns of no epoch from it: this SDK does not read the one it carries.
    await waitFor('a first trade', async () => (await gateways.published.top(channel)) > 0);
  });
  afterAll(async () => {
    await gateways?.[Symbol.asyncDispose]();
  });

  it.each(['JSON', 'Protobuf'])('[CF60] Python, %s', async (encoding) => {
    const about = {
      protocol: 'Centrifuge',
      client: `centrifuge-python, ${encoding} (Python)`,
      version: pinnedPythonVersion('centrifuge-python'),
      checked: recoveryChecked,
    };
    if (!pythonPeerHas('centrifuge')) return proveElsewhere(about, 'this Python does not have it');
    await prove(about, async () => {
      await using client = follow(gateways.url, encoding.toLowerCase());
      await proveRecovery(gateways, channel, client);
    });
  });
});
