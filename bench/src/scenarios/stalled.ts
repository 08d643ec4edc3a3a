import type { Bench, Scenario } from '../bench.js';
import { cProgram, missingProgram } from '../peers/built-programs.js';
import type { RunningPeer } from '../peers/peer.js';
import { tickwirePeer } from '../peers/tickwire.js';
import type { Child } from '../process/children.js';
import { figure, ratio, select } from '../report/query.js';
import { atMost } from '../report/target.js';
import { atRate, paced } from './loads.js';

const name = 'stalled';
const silentProgram = cProgram('silent');
const share = 0.05;
const ticksPerSecond = 400;
const maxOutboxBytes = 65_536;
const without = 'tickwire, everybody reads';
const withSilent = 'tickwire, 5 % never read';
const mebibyte = 1_048_576;

/**
 * Clients that never read, among others that do. Their small receive buffers and a small outbox bring the server to
 * the point within a second or two where it must give something up; with the usual sizes that takes minutes.
 */
export const stalled: Scenario = {
  name,
  title: `5 % of the clients never read (MAX_OUTBOX_BYTES=${maxOutboxBytes}, receive buffers of 2 KiB)`,

  async run(bench) {
    const missing = missingProgram(silentProgram);
    if (missing !== undefined) {
      bench.omit('clients that never read', missing);
      return;
    }
    const seconds = bench.options.isQuick ? 4 : 12;
    const env = { MAX_OUTBOX_BYTES: String(maxOutboxBytes) };
    for (const clients of bench.possibleClients([bench.options.isQuick ? 1_000 : 5_000])) {
      const silent = Math.round(clients * share);
      const readers = clients - silent;
      const peers = [tickwirePeer({ name: without, env }), tickwirePeer({ name: withSilent, env })];
      await bench.eachRound(peers, async (peer, round) => {
        const helpers: Child[] = [];
        const beforeLoad = async (server: RunningPeer, path: string): Promise<void> => {
          if (peer.name === withSilent) helpers.push(await startSilent(bench, server.port, silent, path));
        };
        try {
          await bench.withStage({ peer, clients: readers, channels: 1, beforeLoad }, async (stage) => {
            const label = { peer: peer.name, clients: readers, channels: 1, round, load: atRate(ticksPerSecond) };
            const before = stage.rssBytesNow() ?? Number.NaN;
            const load = paced(bench, ticksPerSecond, { seconds, settleMs: 2_000 });
            await bench.measure(stage, label, load, () => ({
              rssGrowthBytes: (stage.rssBytesNow() ?? Number.NaN) - before,
            }));
          });
        } finally {
          await Promise.all(helpers.map((helper) => helper.kill()));
        }
      });
    }
  },

  targets(runs) {
    const of = (peer: string) => select(runs, { scenario: name, peer });
    const growth = figure(of(withSilent), 'rssGrowthBytes');
    return [
      atMost(
        "5 % never read: the others' p99 beside a run without them",
        1.2,
        'x',
        ratio(of(withSilent), of(without), 'p99Ms'),
      ),
      atMost(
        '5 % never read: RSS grows by',
        64,
        'MiB',
        growth && {
          min: growth.min / mebibyte,
          median: growth.median / mebibyte,
          max: growth.max / mebibyte,
        },
      ),
      atMost('5 % never read: ticks the others lost', 0, '', figure(of(withSilent), 'lost')),
    ];
  },
};

const startSilent = async (bench: Bench, port: number, count: number, path: string): Promise<Child> => {
  const child = bench.startHelper('silent clients', silentProgram.file(), [String(port), String(count), path]);
  await child.wrote(/connected/);
  return child;
};
