import type { HorizonScores } from '@tickwire/forecast';
import type { ForecastScores } from '@tickwire/protocol';

const basisPoints = 10_000;

/** The scores of a horizon as fields of a forecast: short numbers, returns in basis points. */
export const toForecastScores = (scores: HorizonScores | undefined): ForecastScores => {
  const main = scores?.levels[90];
  return {
    n: scores?.n ?? 0,
    coverage: {
      50: short(scores?.levels[50].coverage),
      80: short(scores?.levels[80].coverage),
      90: short(main?.coverage),
      95: short(scores?.levels[95].coverage),
    },
    coverage90: short(main?.coverage),
    coverage90Band: main?.band ? [short(main.band[0]) ?? 0, short(main.band[1]) ?? 0] : null,
    recentCoverage90: short(main?.recentCoverage),
    worstCoverage90: short(main?.rolling?.lowest),
    intervalScore: short(main?.intervalScore, basisPoints),
    baselineScore: short(main?.baselineScore, basisPoints),
    gain: short(main?.gain),
    dm: short(scores?.dm),
    crps: short(scores?.crps, basisPoints),
    zeroMoveShare: short(scores?.zeroMoveShare),
    skill: short(scores?.point.skill),
    skillDm: short(scores?.point.dm),
    hitRate: short(scores?.point.hitRate),
  };
};

/** Five digits are enough for a score. */
const short = (value: number | null | undefined, scale = 1): number | null =>
  value === null || value === undefined || !Number.isFinite(value) ? null : Number((value * scale).toPrecision(5));
