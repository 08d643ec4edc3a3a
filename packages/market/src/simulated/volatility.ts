import type { Random } from './random.js';

/** The level of volatility of a market. */
type Regime = 'calm' | 'normal' | 'wild';

interface RegimeTraits {
  /** Factor on the volatility of the market. */
  readonly volatility: number;
  /** Factor on the rate of trades. */
  readonly activity: number;
  readonly jumpsPerSecond: number;
  readonly meanDwellSeconds: number;
  /** The next regimes, with the probability of the first. */
  readonly next: readonly [first: Regime, probability: number, second: Regime];
}

const traits: Readonly<Record<Regime, RegimeTraits>> = {
  calm: {
    volatility: 0.6,
    activity: 0.9,
    jumpsPerSecond: 1 / 3600,
    meanDwellSeconds: 600,
    next: ['normal', 0.95, 'wild'],
  },
  normal: { volatility: 1, activity: 1, jumpsPerSecond: 1 / 900, meanDwellSeconds: 600, next: ['calm', 0.6, 'wild'] },
  wild: {
    volatility: 2.2,
    activity: 1.3,
    jumpsPerSecond: 1 / 120,
    meanDwellSeconds: 120,
    next: ['normal', 0.9, 'calm'],
  },
};

/**
 * Volatility that clusters, minute by minute: its logarithm is an Ornstein-Uhlenbeck process around the level of the
 * present regime, and the regime is a Markov chain. Jumps arrive by a Poisson process whose rate depends on the regime.
 */
export interface Volatility {
  /** Advances by a minute; returns the size of a jump, in standard deviations of one second, or 0. */
  step(): number;
  /** Present standard deviation of the log return over one second. */
  perSecond(): number;
  /** Factor on the rate of trades; its long-term mean is 1. */
  activity(): number;
}

const secondsInYear = 31_557_600;
const minuteSeconds = 60;
const relaxationSeconds = 45;
const deviation = 0.35;
/** The part of a difference from the level that is left after a minute. */
const kept = Math.exp(-minuteSeconds / relaxationSeconds);
/** Share of time of each regime. */
const shares = stationaryShares();
const meanActivity =
  shares.calm * traits.calm.activity + shares.normal * traits.normal.activity + shares.wild * traits.wild.activity;

export const createVolatility = (yearlyVolatility: number, random: Random): Volatility => {
  const base = yearlyVolatility / Math.sqrt(secondsInYear);
  const place = random.uniform();
  let regime: Regime = place < shares.calm ? 'calm' : place < shares.calm + shares.normal ? 'normal' : 'wild';
  let secondsLeft = random.exponential() * traits[regime].meanDwellSeconds;
  let logFactor = Math.log(traits[regime].volatility) + deviation * random.normal();

  return {
    step: () => {
      secondsLeft -= minuteSeconds;
      if (secondsLeft <= 0) {
        const [first, probability, second]: RegimeTraits['next'] = traits[regime].next;
        regime = random.uniform() < probability ? first : second;
        secondsLeft = random.exponential() * traits[regime].meanDwellSeconds;
      }
      const { volatility, jumpsPerSecond } = traits[regime];
      const level = Math.log(volatility);
      logFactor = level + (logFactor - level) * kept + deviation * Math.sqrt(1 - kept ** 2) * random.normal();
      if (random.uniform() >= jumpsPerSecond * minuteSeconds) return 0;
      return (random.uniform() < 0.5 ? -1 : 1) * (3 + 3 * random.exponential());
    },
    perSecond: () => base * Math.exp(logFactor),
    activity: () => traits[regime].activity / meanActivity,
  };
};

/** Shares of time: visits to each regime by power iteration, weighted by the duration of a visit. */
function stationaryShares(): Readonly<Record<Regime, number>> {
  const names: readonly Regime[] = ['calm', 'normal', 'wild'];
  let visits: Record<Regime, number> = { calm: 1 / 3, normal: 1 / 3, wild: 1 / 3 };
  for (let i = 0; i < 200; i++) {
    // Half stays in place, because the chain alone could alternate between two regimes for ever.
    const after = { calm: visits.calm / 2, normal: visits.normal / 2, wild: visits.wild / 2 };
    for (const name of names) {
      const [first, probability, second] = traits[name].next;
      after[first] += (visits[name] / 2) * probability;
      after[second] += (visits[name] / 2) * (1 - probability);
    }
    visits = after;
  }
  const time = names.reduce((sum, name) => sum + visits[name] * traits[name].meanDwellSeconds, 0);
  const share = (name: Regime): number => (visits[name] * traits[name].meanDwellSeconds) / time;
  return { calm: share('calm'), normal: share('normal'), wild: share('wild') };
}
