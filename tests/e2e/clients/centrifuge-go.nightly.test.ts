import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { pinnedGoVersion, prove, proveElsewhere } from '../../support/compatibility.js';
import { type FollowingClient, proveRecovery, recoveryChecked, type Seen } from '../../support/recovery-proof.js';
import { startTelling } from '../../support/telling-process.js';
import { startTwoGateways, type TwoGateways } from '../../support/two-gateways.js';

const channel = 'trade.sim.BTC-USD';
const source = fileURLToPath(new URL('./centrifuge-go', import.meta.url));
const program = fileURLToPath(new URL('../../../.cache/centrifuge-go', import.meta.url));

const go = (...args: readonly string[]): { readonly isDone: boolean; readonly output: string } => {
  const { status, stdout, stderr } = spawnSync('go', ['-C', source, ...args], { encoding: 'utf8', timeout: 240_000 });
  return { isDone: status === 0, output: `${stdout ?? ''}${stderr ?? ''}`.trim() };
};

/** Why it cannot be made here, if it cannot. @throws Error where it should compile and does not. */
const build = (): string | undefined => {
  if (!go('version').isDone) return 'there is no Go 1.25 here';
  if (!go('mod', 'download').isDone) return 'no Go 1.25, or its modules are out of reach';
  const built = go('build', '-buildvcs=false', '-o', program, '.');
  if (!built.isDone) throw new Error(built.output);
  return undefined;
};

const follow = (url: string, encoding: string): FollowingClient => {
  const query = encoding === 'protobuf' ? '?format=protobuf' : '';
  const address = `${url.replace(/^http/, 'ws')}/connection/websocket${query}`;
  const client = startTelling(program, [address, encoding, channel]);
  return {
    seen: () => client.of('publication') as unknown as Seen[],
    recovered: () => client.of('subscribed').map(({ recovered }) => recovered),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
};

describe('the official Go SDK, unchanged, and a gateway that is killed', () => {
  let whyNot: string | undefined;
  let gateways: TwoGateways;
  beforeAll(async () => {
    whyNot = build();
    if (whyNot === undefined) gateways = await startTwoGateways({ SYMBOLS: 'BTC-USD', SIM_RATE: '40' });
  });
  afterAll(async () => {
    await gateways?.[Symbol.asyncDispose]();
  });

  it.each(['JSON', 'Protobuf'])('[CF60] Go, %s', async (encoding) => {
    const about = {
      protocol: 'Centrifuge',
      client: `centrifuge-go, ${encoding} (Go)`,
      version: pinnedGoVersion('github.com/centrifugal/centrifuge-go'),
      checked: recoveryChecked,
    };
    if (whyNot !== undefined) return proveElsewhere(about, whyNot);
    await prove(about, async () => {
      await using client = follow(gateways.url, encoding.toLowerCase());
      await proveRecovery(gateways, channel, client);
    });
  });
});
