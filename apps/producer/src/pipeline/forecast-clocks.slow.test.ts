import { describe, expect, it } from '@jest/globals';
import type { Forecast } from '@tickwire/protocol';
import { instrument, noQuote, priceAt, start, walk } from '../testing/forecast-walk.js';
import { createForecasting } from './forecasting.js';
import { createInstrumentPipeline } from './instrument-pipeline.js';

describe('forecasts and clocks', () => {
  it.each([7_200_000, -7_200_000, 3_700, -3_700, 400, -400])(
    '[P110] a wall clock that steps by %d ms stops no forecast for more than a second',
    (stepMs) => {
      const forecasting = createForecasting(instrument);
      const made: { monotonic: number; forecast: Forecast }[] = [];
      for (let monotonic = 0; monotonic < 400_000; monotonic += 50) {
        const wall = start + monotonic + (monotonic > 200_000 ? stepMs : 0);
        const ticker = { last: priceAt(Math.floor(monotonic / 1_000)) };
        const forecast = forecasting.advance({ wall, monotonic }, { ...noQuote, ticker, ts: wall, tradedTs: wall });
        if (forecast !== undefined) made.push({ monotonic, forecast });
      }
      const waits = made.map((each, i) => each.monotonic - (made[i - 1]?.monotonic ?? each.monotonic));
      expect(Math.max(...waits)).toBeLessThanOrEqual(1_550);
      expect(made.length).toBeGreaterThanOrEqual(298);
      for (const { monotonic, forecast } of made) {
        const wall = start + monotonic + (monotonic > 200_000 ? stepMs : 0);
        expect(forecast.rts % 1_000).toBe(0);
        expect(Math.abs(wall - forecast.rts)).toBeLessThan(100);
        for (const { target, seconds } of forecast.horizons) expect(target).toBe(forecast.rts + seconds * 1_000);
      }
    },
  );

  it('[P110] a jump ahead leaves pending forecasts unanswered, as after a sleep; a step back changes no outcome', () => {
    const outcomesAfter = (stepMs: number): number => {
      const forecasting = createForecasting(instrument);
      const made = walk(forecasting, { from: 0, to: 300, offMs: (second) => (second < 200 ? 0 : stepMs) });
      return made.at(-1)?.horizons[1]?.scores.n ?? 0;
    };
    expect(outcomesAfter(-7_200_000)).toBe(outcomesAfter(0));
    expect(outcomesAfter(7_200_000)).toBe(outcomesAfter(0) - 10);
  });

  it('[P110] a minute has sixty steps whatever the wall clock does, and its targets are labelled by it', () => {
    const forecasting = createForecasting(instrument);
    const made = walk(forecasting, {
      from: 0,
      to: 6_400,
      offMs: (second) => (second < 6_200 ? 0 : -7_207_000),
    });
    const targets = made
      .flatMap(({ horizons }) => horizons.filter(({ seconds }) => seconds === 900))
      .map((h) => h.target);
    const minutes = [...new Set(targets)].map((target) => target - start - 900_000);
    expect(minutes.filter((at) => at >= 0)).toEqual([6_000, 6_060, 6_120, 6_180].map((s) => s * 1_000));
    // Forecasts have the new wall time at once: none is labelled two hours ahead.
    expect(minutes.filter((at) => at < 0)).toEqual([6_180, 6_240, 6_300, 6_360].map((s) => s * 1_000 - 7_207_000));
  });

  it.each([7_200_000, -7_200_000])(
    '[P110] a pipeline publishes forecasts on when the wall clock steps by %d ms',
    (stepMs) => {
      const made: { steady: number; rts: number }[] = [];
      let steady = 0;
      const pipeline = createInstrumentPipeline({
        ...instrument,
        tickerMs: 100,
        publish: (message) => {
          if (message.type === 'price.forecast') made.push({ steady, rts: message.rts });
        },
      });
      pipeline.add({ kind: 'state', state: { ...instrument, state: 'live', rts: start } }, 0);
      for (; steady < 240_000; steady += 250) {
        const wall = start + steady + (steady > 180_000 ? stepMs : 0);
        const price = priceAt(Math.floor(steady / 1_000));
        const trade = {
          type: 'price.trade',
          ...instrument,
          ts: start + steady,
          rts: wall,
          id: `${steady}`,
          price,
        } as const;
        pipeline.add({ kind: 'trade', trade: { ...trade, size: '1', side: 'buy' } }, steady);
        pipeline.advance(wall, steady);
      }
      const waits = made.map((each, i) => each.steady - (made[i - 1]?.steady ?? each.steady));
      expect(Math.max(...waits)).toBeLessThanOrEqual(2_000);
      expect(made.at(-1)?.rts).toBe(start + 239_000 + stepMs);
    },
  );
});
