import type { Scenario } from '../bench.js';
import { expectedPerSecond } from '../peers/all.js';
import { djangoChannelsPeer } from '../peers/django-channels.js';
import { naiveWsPeer, socketIoPeer } from '../peers/node-servers.js';
import { rivals } from '../peers/rivals.js';
import { tickwirePeer } from '../peers/tickwire.js';
import { figuresOf, notesOf } from '../report/figures-of.js';
import { figure, ratio, select } from '../report/query.js';
import { atLeast, atMost } from '../report/target.js';
import { bestStep, climb } from './climb.js';

const name = 'capacity';
const load = 'as many ticks as it can take';
const maxP99Ms = 60;
const channels = 20;

/** The highest rate of a server: of the product while it holds its latency, of the others at any latency. */
export const capacity: Scenario = {
  name,
  title: `${channels} channels, as many ticks as it can take`,

  async run(bench) {
    for (const clients of bench.possibleClients([1_000])) {
      const peers = [tickwirePeer(), ...rivals(), socketIoPeer(), naiveWsPeer(), djangoChannelsPeer()];
      await bench.eachRound(peers, (peer, round) =>
        bench.withStage({ peer, clients, channels }, async (stage) => {
          const isOurs = peer.name === 'tickwire';
          const label = { peer: peer.name, clients, channels, round };
          const steps = await climb(bench, stage, label, {
            fromPerSecond: expectedPerSecond[peer.name] ?? 50_000,
            factor: 1.4,
            maxP99Ms: isOurs ? maxP99Ms : Number.POSITIVE_INFINITY,
          });
          const best = bestStep(steps, isOurs);
          if (best === undefined) return;
          bench.file({ ...label, load }, figuresOf(best.measured, best.ticksPerSecond * clients), [
            ...notesOf(best.measured),
            ...(isOurs && !best.isHeld ? ['held no rate of those tried'] : []),
          ]);
        }),
      );
    }
  },

  targets(runs) {
    const of = (peer: string) => select(runs, { scenario: name, peer });
    const beside = (peer: string) => ratio(of('tickwire'), of(peer), 'deliveredPerSecond');
    return [
      atLeast('ticks delivered/s, 20 channels, to Socket.IO', 50, 'x', beside('Socket.IO')),
      atLeast('ticks delivered/s, 20 channels, to naive ws', 35, 'x', beside('naive ws')),
      atLeast('ticks delivered/s, 20 channels, to Django Channels', 250, 'x', beside('Django Channels')),
      atMost('p99 latency at that rate', maxP99Ms, 'ms', figure(of('tickwire'), 'p99Ms')),
    ];
  },
};
