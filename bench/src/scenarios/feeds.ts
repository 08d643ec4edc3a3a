import { type VenueName, venueNames, venueOf } from '@tickwire/market';
import type { Scenario } from '../bench.js';
import { ccxtHandler } from '../feeds/ccxt-handler.js';
import { type TradeFrames, tradeFrames } from '../feeds/trade-frames.js';
import { figure, ratio, select } from '../report/query.js';
import { atLeast } from '../report/target.js';
import { type Computation, measureComputations } from './computation.js';

const name = 'feeds';
const ours = 'tickwire mapper';
const theirs = 'ccxt handler';
const loadOf = (venue: VenueName): string => `${venue} trades`;

/** From the text of a frame to the trade that the producer is given. */
const mapper = (venue: VenueName, { pair, frames }: TradeFrames): Computation => {
  const { parse, createMapper } = venueOf(venue);
  const map = createMapper([pair]);
  return {
    name: ours,
    run: () => {
      let items = 0;
      for (const frame of frames) items += map(parse(frame), 1).length;
      if (items !== frames.length) throw new Error(`${items} trades of ${frames.length} frames`);
      return items;
    },
  };
};

const handler = (venue: VenueName, { pair, frames }: TradeFrames): Computation => {
  const handle = ccxtHandler(venue, { pair, frames });
  return {
    name: theirs,
    run: () => {
      for (const frame of frames) handle(frame);
      return frames.length;
    },
  };
};

/** The cost of reading one frame of an exchange. */
export const feeds: Scenario = {
  name,
  title: 'Feeds: trade frames parsed and mapped, beside the same by ccxt',

  async run(bench) {
    for (const venue of bench.options.isQuick ? (['binance'] as const) : venueNames) {
      const frames = tradeFrames(venue);
      const computations = [mapper(venue, frames)];
      try {
        computations.push(handler(venue, frames));
      } catch (error) {
        bench.omit(`${theirs}, ${venue}`, (error as Error).message.slice(0, 200));
      }
      measureComputations(bench, loadOf(venue), computations);
    }
  },

  targets(runs) {
    const of = (peer: string, venue: VenueName) => select(runs, { scenario: name, peer, load: loadOf(venue) });
    return [
      atLeast(
        'trade frames of Binance a core parses and maps a second',
        200_000,
        '',
        figure(of(ours, 'binance'), 'itemsPerCpuSecond'),
      ),
      ...venueNames.map((venue) => ({
        what: `frames of ${venue} a core takes, to ccxt's handler`,
        limit: 'told',
        measured: ratio(of(ours, venue), of(theirs, venue), 'itemsPerCpuSecond'),
        unit: 'x',
        isMet: undefined,
      })),
    ];
  },
};
