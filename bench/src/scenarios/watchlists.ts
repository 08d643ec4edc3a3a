import type { Bench, Scenario } from '../bench.js';
import { ownWatchlists } from '../load/random.js';
import { rivals } from '../peers/rivals.js';
import { tickwirePeer } from '../peers/tickwire.js';
import { ratio, select } from '../report/query.js';
import type { Run } from '../report/run.js';
import { atMost } from '../report/target.js';
import type { Load } from '../stage.js';
import { paced, withTicksAWrite } from './loads.js';

const name = 'watchlists';
const seed = 1;
const ticksPerWrite = 3;
const passesPerSecond = 30;
const million = 1_000_000;

interface Watchlist {
  readonly followed: number;
  readonly channels: number;
}

const short: Watchlist = { followed: 5, channels: 20 };
const long: Watchlist = { followed: 20, channels: 200 };

type Whose = 'own' | 'the same';

const atOnce = `${ticksPerWrite} ticks a write`;
const atMillion = '1 M deliveries/s';

export const loadOf = (whose: Whose, { followed, channels }: Watchlist, load: string): string =>
  `${whose} ${followed} of ${channels}, ${load}`;

/** Which channels each client follows: its own draw, or all the same, spread so that a burst has as many for each. */
export const listsFor = (
  whose: Whose,
  { followed, channels }: Watchlist,
  clients: number,
): readonly (readonly number[])[] =>
  whose === 'own'
    ? ownWatchlists(clients, followed, channels, seed)
    : [Array.from({ length: followed }, (_, index) => Math.floor((index * channels) / followed))];

/** Bursts of three ticks for each client, at a moderate rate: the cost of a write that one client alone receives. */
const burstLoad = (bench: Bench, { followed, channels }: Watchlist): Load => {
  const burst = (ticksPerWrite * channels) / followed;
  return paced(bench, burst * passesPerSecond, { burst });
};

const millionLoad = (bench: Bench, { followed, channels }: Watchlist, clients: number): Load =>
  paced(bench, Math.round((million * channels) / (followed * clients)), { napMs: 5 });

/** As pages of prices do: every client follows its own few of many channels. */
export const watchlists: Scenario = {
  name,
  title: 'Every client its own channels, beside all the same',
  isLong: true,

  async run(bench) {
    const lists = bench.options.isQuick ? [short] : [short, long];
    for (const clients of bench.possibleClients([1_000])) {
      for (const list of lists) {
        const { channels } = list;
        await bench.eachRound([tickwirePeer(), ...rivals()], async (peer, round) => {
          const isOurs = peer.name === 'tickwire';
          for (const whose of isOurs ? (['own', 'the same'] as const) : (['own'] as const)) {
            const followed = listsFor(whose, list, clients);
            await bench.withStage({ peer, clients, channels, followed }, async (stage) => {
              const label = { peer: peer.name, clients, channels, round };
              const loads: [string, Load][] = [[atOnce, burstLoad(bench, list)]];
              if (whose === 'own') loads.push([atMillion, millionLoad(bench, list, clients)]);
              for (const [load, asked] of loads) {
                const of = { ...label, load: loadOf(whose, list, load) };
                const { missing } = await bench.measure(stage, of, {
                  ...asked,
                  followedShare: list.followed / channels,
                });
                // What it left behind would be in the way of what comes after.
                if (missing > 0) break;
              }
            });
          }
        });
      }
    }
  },

  targets(runs) {
    const of = (peer: string, whose: Whose, list: Watchlist, load: string): readonly Run[] =>
      select(runs, { scenario: name, peer, load: loadOf(whose, list, load) });
    const alike = (whose: Whose, list: Watchlist): readonly Run[] =>
      withTicksAWrite(of('tickwire', whose, list, atOnce), ticksPerWrite);
    const beside = (list: Watchlist) => ratio(alike('own', list), alike('the same', list), 'cpuUsPerWrite');
    return [
      atMost('CPU a write, own 5 of 20 channels, to all the same', 1.15, 'x', beside(short)),
      atMost('CPU a write, own 20 of 200 channels, to all the same', 1.15, 'x', beside(long)),
      atMost(
        'CPU per delivery, own 5 of 20 channels, to Bun',
        1,
        'x',
        ratio(of('tickwire', 'own', short, atOnce), of('Bun', 'own', short, atOnce), 'cpuUsPerTick'),
      ),
      atMost(
        'p99 at 1 M deliveries/s, own 5 of 20 channels, to Bun',
        1,
        'x',
        ratio(of('tickwire', 'own', short, atMillion), of('Bun', 'own', short, atMillion), 'p99Ms'),
      ),
    ];
  },
};
