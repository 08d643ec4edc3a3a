import type { Scenario } from '../bench.js';
import { waitForPorts } from '../host/waiting-ports.js';
import { naiveWsPeer } from '../peers/node-servers.js';
import { rivals } from '../peers/rivals.js';
import { tickwirePeer } from '../peers/tickwire.js';
import { figure, select } from '../report/query.js';
import { atMost } from '../report/target.js';

const name = 'connect-storm';
const ticksPerSecond = 50;
const limitMs = 30_000;
const quickLimitMs = 12_000;

/** All clients reconnect at once, while connected ones are served. */
export const connectStorm: Scenario = {
  name,
  title: `Clients connecting while ${ticksPerSecond} ticks/s are broadcast to those already in`,

  async run(bench) {
    const { isQuick } = bench.options;
    const connectLimitMs = isQuick ? quickLimitMs : limitMs;
    for (const clients of bench.possibleClients([isQuick ? 2_000 : 5_000])) {
      const peers = [tickwirePeer(), ...rivals(), naiveWsPeer()];
      await bench.eachRound(peers, async (peer, round) => {
        await waitForPorts();
        await bench.withStage(
          { peer, clients, channels: 1, connectLimitMs, ticksWhileConnecting: ticksPerSecond },
          async (stage) => {
            const { connected, tookMs } = stage.connected;
            const label = { peer: peer.name, clients, channels: 1, round, load: `${ticksPerSecond} ticks/s meanwhile` };
            const notes = connected < clients ? [`${clients - connected} not in after ${connectLimitMs} ms`] : [];
            bench.file(label, { connectMs: tookMs, connected, connectCpuSeconds: stage.connectCpuSeconds }, notes);
          },
        );
      });
    }
  },

  targets(runs) {
    const ours = select(runs, { scenario: name, peer: 'tickwire', clients: 5_000 });
    const inMs = figure(ours, 'connectMs');
    const seconds = inMs && { min: inMs.min / 1_000, median: inMs.median / 1_000, max: inMs.max / 1_000 };
    return [atMost('5000 clients connecting under broadcast: all in', 4, 's', seconds)];
  },
};
