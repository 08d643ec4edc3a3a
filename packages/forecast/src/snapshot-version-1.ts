import { levelCount } from './levels.js';
import type { Method } from './method.js';
import { decodeBytes, decodeFloats, encodeFloats, readArray, readCount, readRecord } from './snapshot-codec.js';

const version1Members = 6;

/**
 * Converts the state of version 1 to this version, so that an upgrade does not start cold. On minutes the bank has two
 * more, shorter memories, which start as the shortest old one. The coefficients start again, and pending forecasts stay
 * unresolved, because they do not hold the values of the new members.
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
