import type { Scenario } from '../bench.js';
import { naiveWsPeer } from '../peers/node-servers.js';
import { rivals } from '../peers/rivals.js';
import { tickwirePeer } from '../peers/tickwire.js';
import { figure, type Spread, select, spreadOf } from '../report/query.js';
import type { Run } from '../report/run.js';
import { atMost } from '../report/target.js';

const name = 'idle-memory';
const kibibyte = 1_024;
const load = 'idle';

/** What a client costs that is connected and subscribed and gets nothing. */
export const idleMemory: Scenario = {
  name,
  title: 'Memory of an idle client, after garbage collection where the server can be asked for one',

  async run(bench) {
    for (const clients of bench.possibleClients([bench.options.isQuick ? 5_000 : 10_000])) {
      for (const channels of bench.options.isQuick ? [1] : [1, 20]) {
        const peers = [tickwirePeer({ collectsOnSignal: true }), ...rivals(), naiveWsPeer(true)];
        await bench.eachRound(peers, async (peer, round) => {
          await bench.withStage({ peer, clients, channels, collectsGarbage: true }, async (stage) => {
            const { empty, connected } = stage.rssBytes;
            if (empty === undefined || connected === undefined) return;
            const label = { peer: peer.name, clients, channels, round, load };
            bench.file(label, { rssPerClientBytes: (connected - empty) / stage.connected.connected });
          });
        });
      }
    }
  },

  targets(runs) {
    const naive = figure(select(runs, { scenario: name, peer: 'naive ws', channels: 1 }), 'rssPerClientBytes');
    return [
      atMost('RSS of an idle connection, by a naive ws server', 9, 'KiB', inKib(naive)),
      atMost('RSS of an idle subscribed session: connection, session and subscription', 12, 'KiB', total(runs)),
      atMost('RSS of session and subscription: the difference of the two', 3, 'KiB', ownShare(runs)),
    ];
  },
};

const inKib = (bytes: Spread | undefined): Spread | undefined =>
  bytes && { min: bytes.min / kibibyte, median: bytes.median / kibibyte, max: bytes.max / kibibyte };

const total = (runs: readonly Run[]): Spread | undefined =>
  inKib(figure(select(runs, { scenario: name, peer: 'tickwire', channels: 1 }), 'rssPerClientBytes'));

const ownShare = (runs: readonly Run[]): Spread | undefined => {
  const naive = select(runs, { scenario: name, peer: 'naive ws', channels: 1 });
  const differences = select(runs, { scenario: name, peer: 'tickwire', channels: 1 }).map(
    ({ round, figures }) =>
      (figures.rssPerClientBytes ?? Number.NaN) -
      (naive.find((run) => run.round === round)?.figures.rssPerClientBytes ?? Number.NaN),
  );
  return inKib(spreadOf(differences.filter(Number.isFinite)));
};
