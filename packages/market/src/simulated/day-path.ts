import { createRandom } from './random.js';
import type { SimulatedMarket } from './simulated-markets.js';
import { createVolatility } from './volatility.js';

/** The course of the fair price over one minute, of which everything in it is drawn. */
export interface MinutePath {
  /** Its first millisecond. */
  readonly start: number;
  /** Logarithms of the price in ticks. What is between them includes the jump. */
  readonly from: number;
  readonly to: number;
  /** Standard deviation of the log return over one second. */
  readonly perSecond: number;
  /** Factor on the rate of trades. */
  readonly activity: number;
  /** A jump of the logarithm, or 0, and how far into the minute it comes. */
  readonly jump: number;
  readonly jumpShare: number;
}

export interface DayPathOptions {
  readonly market: SimulatedMarket;
  readonly seed: string;
}

const minuteMs = 60_000;
const minutesInDay = 1_440;
const dayMs = minutesInDay * minuteMs;
const daysInYear = 365.25;
/** How long it takes until the price returns from a day's move to where it belongs. */
const memoryDays = 20;
const rememberedDays = 120;
/**
 * Variance of a minute's path, in those of a second: of the walk, and of the pressure that drifts it (minute-slots.ts).
 */
const secondsOfVariance = 60 + 36;

/**
 * The path of a day, minute by minute: a function of seed, market and day alone. Prices at midnight are a walk that is
 * drawn back to the market's price over weeks, so that it holds its range for years; minutes are a walk between the two
 * midnights. Reading the minutes of one day or of two neighbouring ones costs one drawing of each.
 */
export const createDayPaths = ({ market, seed }: DayPathOptions): ((minuteStart: number) => MinutePath) => {
  const { symbol, startTicks, yearlyVolatility } = market;
  const cached: { readonly day: number; readonly path: DayPath }[] = [];

  const levelAt = (day: number): number => {
    let level = 0;
    for (let back = 0; back < rememberedDays; back++)
      level += Math.exp(-back / memoryDays) * createRandom(`${seed} ${symbol} level ${day - back}`).normal();
    return Math.log(startTicks) + (yearlyVolatility / Math.sqrt(daysInYear)) * level;
  };

  const draw = (day: number): DayPath => {
    const random = createRandom(`${seed} ${symbol} day ${day}`);
    const volatility = createVolatility(yearlyVolatility, createRandom(`${seed} ${symbol} volatility ${day}`));
    const path = emptyDayPath();
    const moves = new Float64Array(minutesInDay);
    const variances = new Float64Array(minutesInDay);
    let sum = 0;
    let variance = 0;
    for (let minute = 0; minute < minutesInDay; minute++) {
      const jumpSize = volatility.step();
      const perSecond = volatility.perSecond();
      const own = secondsOfVariance * perSecond ** 2;
      const jump = jumpSize * perSecond;
      const move = jump + Math.sqrt(own) * random.normal();
      moves[minute] = move;
      variances[minute] = own;
      path.perSecond[minute] = perSecond;
      path.activity[minute] = volatility.activity();
      path.jump[minute] = jump;
      path.jumpShare[minute] = random.uniform();
      sum += move;
      variance += own;
    }
    let level = levelAt(day);
    const excess = levelAt(day + 1) - level - sum;
    path.levels[0] = level;
    for (let minute = 0; minute < minutesInDay; minute++) {
      level = level + (moves[minute] as number) + (excess * (variances[minute] as number)) / variance;
      path.levels[minute + 1] = level;
    }
    return path;
  };

  return (minuteStart) => {
    const day = Math.floor(minuteStart / dayMs);
    let known = cached.find((each) => each.day === day);
    if (known === undefined) {
      known = { day, path: draw(day) };
      cached.unshift(known);
      cached.splice(2);
    }
    return minuteOf(known.path, minuteStart, Math.floor((minuteStart - day * dayMs) / minuteMs));
  };
};

/** The minutes of a day, in columns: a fifth of the memory of as many objects, and many symbols have two days each. */
interface DayPath {
  /** One more than there are minutes. */
  readonly levels: Float64Array;
  readonly perSecond: Float64Array;
  readonly activity: Float64Array;
  readonly jump: Float64Array;
  readonly jumpShare: Float64Array;
}

const emptyDayPath = (): DayPath => ({
  levels: new Float64Array(minutesInDay + 1),
  perSecond: new Float64Array(minutesInDay),
  activity: new Float64Array(minutesInDay),
  jump: new Float64Array(minutesInDay),
  jumpShare: new Float64Array(minutesInDay),
});

const minuteOf = (path: DayPath, start: number, minute: number): MinutePath => ({
  start,
  from: path.levels[minute] as number,
  to: path.levels[minute + 1] as number,
  perSecond: path.perSecond[minute] as number,
  activity: path.activity[minute] as number,
  jump: path.jump[minute] as number,
  jumpShare: path.jumpShare[minute] as number,
});
