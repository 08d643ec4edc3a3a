import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { startClientProcess } from '../../support/client-process.js';
import { buildGo, type ClientProgram, pinnedProgramVersion } from '../../support/client-programs.js';
import { prove, proveElsewhere } from '../../support/compatibility.js';
import { type FollowingClient, proveRecovery, recoveryChecked, type Seen } from '../../support/recovery-proof.js';
import { startTwoGateways, type TwoGateways } from '../../support/two-gateways.js';
import { waitFor } from '../../support/wait-for.js';

const channel = 'trade.sim.BTC-USD';
const folder = 'centrifuge-go';
type Built = Exclude<ClientProgram, { readonly whyNot: string }>;
const follow = ({ command, args }: Built, url: string, encoding: string): FollowingClient => {
  const query = encoding === 'protobuf' ? '?format=protobuf' : '';
  const address = `${url.replace(/^http/, 'ws')}/connection/websocket${query}`;
  const client = startClientProcess(command, [...args, address, encoding, channel]);
  return {
    seen: () => client.of('publication') as unknown as Seen[],
    recovered: () => client.of('subscribed').map(({ recovered }) => recovered),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
};

describe('the official Go SDK, unchanged, and a gateway that is killed', () => {
  let program: ClientProgram;
  let gateways: TwoGateways;
  beforeAll(async () => {
    program = buildGo(folder);
    if ('whyNot' in program) return;
    gateways = await startTwoGateways({ SYMBOLS: 'BTC-USD', SIM_RATE: '40' });
    // Who comes before the first publication learns of no epoch from it: this SDK does not read the one it carries.
    await waitFor('a first trade', async () => (await gateways.published.top(channel)) > 0);
  });
  afterAll(async () => {
    await gateways?.[Symbol.asyncDispose]();
  });

  it.each(['JSON', 'Protobuf'])('[CF60] Go, %s', async (encoding) => {
    const about = {
      protocol: 'Centrifuge',
      client: `centrifuge-go, ${encoding} (Go)`,
      version: pinnedProgramVersion(folder, 'github.com/centrifugal/centrifuge-go'),
      checked: recoveryChecked,
    };
    if ('whyNot' in program) return proveElsewhere(about, program.whyNot);
    const built = program;
    await prove(about, async () => {
      await using client = follow(built, gateways.url, encoding.toLowerCase());
      await proveRecovery(gateways, channel, client);
    });
  });
});
