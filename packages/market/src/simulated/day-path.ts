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
  const cached: { day: number; minutes: readonly MinutePath[] }[] = [];

  const levelAt = (day: number): number => {
    let level = 0;
    for (let back = 0; back < rememberedDays; back++)
      level += Math.exp(-back / memoryDays) * createRandom(`${seed} ${symbol} level ${day - back}`).normal();
    return Math.log(startTicks) + (yearlyVolatility / Math.sqrt(daysInYear)) * level;
  };

  const draw = (day: number): readonly MinutePath[] => {
    const random = createRandom(`${seed} ${symbol} day ${day}`);
    const volatility = createVolatility(yearlyVolatility, createRandom(`${seed} ${symbol} volatility ${day}`));
    const moves: {
      move: number;
      variance: number;
      perSecond: number;
      activity: number;
      jump: number;
      jumpShare: number;
    }[] = [];
    let sum = 0;
    let variance = 0;
    for (let minute = 0; minute < minutesInDay; minute++) {
      const jumpSize = volatility.step();
      const perSecond = volatility.perSecond();
      const own = secondsOfVariance * perSecond ** 2;
      const jump = jumpSize * perSecond;
      const move = jump + Math.sqrt(own) * random.normal();
      moves.push({
        move,
        variance: own,
        perSecond,
        activity: volatility.activity(),
        jump,
        jumpShare: random.uniform(),
      });
      sum += move;
      variance += own;
    }
    const first = levelAt(day);
    const excess = levelAt(day + 1) - first - sum;
    let from = first;
    return moves.map(({ move, variance: own, ...rest }, minute) => {
      const to = from + move + (excess * own) / variance;
      const path = { start: day * dayMs + minute * minuteMs, from, to, ...rest };
      from = to;
      return path;
    });
  };

  return (minuteStart) => {
    const day = Math.floor(minuteStart / dayMs);
    let known = cached.find((each) => each.day === day);
    if (known === undefined) {
      known = { day, minutes: draw(day) };
      cached.unshift(known);
      cached.splice(2);
    }
    return known.minutes[Math.floor((minuteStart - day * dayMs) / minuteMs)] as MinutePath;
  };
};
