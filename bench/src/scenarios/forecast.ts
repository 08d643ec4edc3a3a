import { createSymbolForecaster } from '@tickwire/forecast';
import type { Scenario } from '../bench.js';
import { figure, ratio, select } from '../report/query.js';
import { atMost } from '../report/target.js';
import { type Computation, measureComputations } from './computation.js';

const name = 'forecast';
const horizonsSeconds = [1, 10, 60, 300];
const load = `${horizonsSeconds.length} horizons`;
const ours = 'tickwire forecaster';
const plain = 'plain EWMA';
const stepsAtOnce = 2_000;

/** A price path that never ends: a random walk of about 2 basis points a step, the same for every computation. */
const createPath = (): (() => number) => {
  let state = 1;
  let logPrice = Math.log(60_000);
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    logPrice += (state / 4_294_967_296 - 0.5) * 7e-4;
    return Math.exp(logPrice);
  };
};

/** The whole of what a symbol needs each second: intervals and their scores at every horizon. An item is one horizon. */
const forecaster = (): Computation => {
  const symbol = createSymbolForecaster({ gridMs: 1_000, horizonsSeconds });
  const next = createPath();
  return {
    name: ours,
    run: () => {
      for (let step = 0; step < stepsAtOnce; step += 1) symbol.step({ price: next(), bidSize: 1, askSize: 2 });
      return stepsAtOnce * horizonsSeconds.length;
    },
  };
};

const gaussianHalfWidths = [0.674, 1.282, 1.645, 1.96];

/** The least that gives an interval: one variance, and Gaussian widths at every horizon. No scores, no calibration. */
const plainEwma = (): Computation => {
  const next = createPath();
  const halfWidths = new Float64Array(gaussianHalfWidths.length * horizonsSeconds.length);
  let last = next();
  let variance = 0;
  return {
    name: plain,
    run: () => {
      for (let step = 0; step < stepsAtOnce; step += 1) {
        const price = next();
        const move = Math.log(price / last);
        last = price;
        variance = 0.97 * variance + 0.03 * move * move;
        let at = 0;
        for (const seconds of horizonsSeconds) {
          const sigma = Math.sqrt(variance * seconds);
          for (const width of gaussianHalfWidths) halfWidths[at++] = width * sigma;
        }
      }
      return stepsAtOnce * horizonsSeconds.length;
    },
  };
};

/** The cost of a forecast for the producer. */
export const forecast: Scenario = {
  name,
  title: 'Forecast: updates of one horizon, intervals and scores',

  async run(bench) {
    measureComputations(bench, load, [forecaster(), plainEwma()]);
  },

  targets(runs) {
    const [mine, theirs] = [ours, plain].map((peer) => select(runs, { scenario: name, peer }));
    return [
      atMost('CPU of a forecast, per update and horizon', 10, 'us', figure(mine ?? [], 'usPerItem')),
      {
        what: 'the same beside a plain EWMA without scores',
        limit: 'told',
        measured: ratio(mine ?? [], theirs ?? [], 'usPerItem'),
        unit: 'x',
        isMet: undefined,
      },
    ];
  },
};
