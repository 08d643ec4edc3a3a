import { levelCount } from './levels.js';
import type { Method } from './method.js';
import { decodeBytes, decodeFloats, encodeFloats, readArray, readCount, readRecord } from './snapshot-codec.js';

const version1Members = 6;

/**
 * The state of version 1 as this version writes it, so that an upgrade does not begin cold. On minutes the bank has two
 * shorter memories more, which begin as the shortest there was; the coefficients begin anew, and the forecasts that were
 * pending stay unanswered, because they do not say what the new members thought.
 * @throws SnapshotRefused
 */
export const fromVersion1 = (state: unknown, method: Method, horizonSteps: readonly number[]): unknown => {
  const saved = readRecord(state, 'state');
  const volatility = readRecord(saved['volatility'], 'volatility');
  const more = method.halfLifeSteps.length - version1Members;
  const lengthened = (text: unknown, what: string): string => {
    const old = new Float64Array(version1Members);
    decodeFloats(text, old, what);
    return encodeFloats(Float64Array.of(...new Array<number>(more).fill(old[0] as number), ...old));
  };
  return {
    ...saved,
    volatility: {
      sums: lengthened(volatility['sums'], 'volatility sums'),
      weights: lengthened(volatility['weights'], 'volatility weights'),
      still: 0,
    },
    horizons: readArray(saved['horizons'], horizonSteps.length, 'horizons').map((entry, i) => {
      const scored = readRecord(entry, 'scored horizon');
      const horizon = readRecord(scored['horizon'], 'horizon');
      const calibration = { slow: horizon['factors'], fast: encodeFloats(new Float64Array(levelCount)) };
      if (more === 0) return { ...scored, horizon: { ...horizon, mixer: horizon['losses'], calibration } };
      const filled = readRecord(horizon['pending'], 'delay line')['filled'];
      const dropped = decodeBytes(filled, horizonSteps[i] as number, 'delay line marks').reduce(
        (sum, one) => sum + one,
        0,
      );
      const unresolved = readCount(horizon['unresolved'], 'unresolved forecasts') + dropped;
      return { ...scored, horizon: { ...horizon, mixer: null, calibration, pending: null, unresolved } };
    }),
  };
};
