import type { MinutePath } from './day-path.js';
import { createRandom, type Random } from './random.js';
import type { SimulatedMarket } from './simulated-markets.js';

/** Looked up once: this runs some hundred thousand times for a day, and a sandbox makes each look-up slow. */
const { ceil, exp, floor, log, max, min, round, sqrt, tanh } = Math;

/**
 * What is traded in a quarter of a second, at one best bid and ask. Bars need no more than this, and so cost the same at
 * any rate of trades; its trades are drawn only where they are published.
 */
export interface Slot {
  /** In ticks; always `bid < ask`. */
  bid: number;
  ask: number;
  /** Standardised drift to come: buyers outnumber sellers if positive. */
  pressure: number;
  /** Numbers of trades, and what they sum up to, each of at least one lot. */
  buys: number;
  sells: number;
  buyLots: number;
  sellLots: number;
  /** Sides of the first trade and the last. */
  isFirstBuy: boolean;
  isLastBuy: boolean;
}

export interface MinuteOptions {
  readonly market: SimulatedMarket;
  readonly seed: string;
  readonly tradesPerSecond: number;
}

export const slotMs = 250;
const slotsInMinute = 60_000 / slotMs;
/** Deviation of the lognormal sizes: a median trade is much smaller than a mean one. */
export const sizeDeviation = 1.3;

const slotSeconds = slotMs / 1_000;
/** Future drift, in standard deviations: its memory, and its share of the price's movement. */
const pressureSeconds = 1;
const pressureDrift = 0.55;
const pressureKept = exp(-slotSeconds / pressureSeconds);
const pressureNoise = sqrt(1 - pressureKept ** 2);
const drift = pressureDrift * slotSeconds;
const noise = sqrt(slotSeconds);
/** Trades come in bursts of `1 + lognormal`: of 4 on average, and now and then of a hundred. */
const burstMean = 4;
const burstDeviation = 1.5;
const meanOfLognormal = (deviation: number): number => exp(deviation ** 2 / 2);
/** After a jump, as many trades more as this many seconds have. */
const jumpSeconds = 1;
/** A larger number is drawn at once, from a normal distribution. */
const maxDraws = 24;
const manyTrades = 8;
/** Numbers of summands whose deviation is computed once. */
const manySummands = 64;

/**
 * Visits the slots of a minute in order, as far as `onSlot` does not return false. They follow from seed, rate and
 * path; the object is the same for all.
 */
export const visitSlots = (
  { market, seed, tradesPerSecond }: MinuteOptions,
  path: MinutePath,
  onSlot: (slot: Slot, index: number) => void,
): void => {
  const { start, from, to, perSecond, jump } = path;
  const random = createRandom(`${seed} ${market.symbol} minute ${start}`);
  const meanLots = market.medianLots * meanOfLognormal(sizeDeviation);
  const jumpSlot = jump === 0 ? -1 : floor(path.jumpShare * slotsInMinute);
  const meanBursts = (tradesPerSecond * path.activity * slotSeconds) / burstMean;

  // The walk first: its end decides how far each of its points is from where the path wants it.
  const walk = new Float64Array(slotsInMinute + 1);
  const pressures = new Float64Array(slotsInMinute);
  let pressure = random.normal();
  let walked = 0;
  for (let index = 0; index < slotsInMinute; index++) {
    pressures[index] = pressure;
    walk[index] = walked;
    walked += perSecond * (drift * pressure + noise * random.normal());
    pressure = pressure * pressureKept + pressureNoise * random.normal();
  }
  const pull = (to - from - jump - walked) / slotsInMinute;

  const usual = exp(-meanBursts);
  const burstsOf = (index: number): number =>
    index === jumpSlot
      ? poisson(meanBursts + (jumpSeconds * tradesPerSecond) / burstMean, random)
      : poisson(meanBursts, random, usual);
  const lotsOf = (count: number): number =>
    count === 0 ? 0 : max(count, round(count * meanLots * sizeSums.factor(count, random)));

  const slot: Slot = {
    bid: 1,
    ask: 2,
    pressure: 0,
    buys: 0,
    sells: 0,
    buyLots: 0,
    sellLots: 0,
    isFirstBuy: false,
    isLastBuy: false,
  };
  for (let index = 0; index < slotsInMinute; index++) {
    const log = from + (walk[index] as number) + pull * index + (jumpSlot >= 0 && index > jumpSlot ? jump : 0);
    const fair = exp(log);
    // One tick in a liquid market; more if a second moves the price far.
    const half = 0.5 + 0.03 * fair * perSecond * random.uniform();
    slot.bid = max(1, floor(fair - half + 0.5));
    slot.ask = max(slot.bid + 1, ceil(fair + half - 0.5));
    slot.pressure = pressures[index] as number;
    const bursts = burstsOf(index);
    const others = bursts === 0 ? 0 : bursts * (burstMean - 1) * burstSums.factor(bursts, random);
    const trades = bursts === 0 ? 0 : bursts + floor(others + random.uniform());
    slot.buys = trades === 0 ? 0 : buysOf(trades, 0.5 + 0.25 * tanh(slot.pressure), random);
    slot.sells = trades - slot.buys;
    slot.buyLots = lotsOf(slot.buys);
    slot.sellLots = lotsOf(slot.sells);
    if (trades > 0) {
      slot.isFirstBuy = random.uniform() * trades < slot.buys;
      const buysLeft = slot.buys - (slot.isFirstBuy ? 1 : 0);
      slot.isLastBuy = trades === 1 ? slot.isFirstBuy : random.uniform() * (trades - 1) < buysLeft;
    }
    onSlot(slot, index);
  }
};

const buysOf = (trades: number, chance: number, random: Random): number => {
  if (trades > manyTrades) {
    const spread = sqrt(trades * chance * (1 - chance));
    return min(trades, max(0, round(trades * chance + spread * random.normal())));
  }
  let buys = 0;
  for (let i = 0; i < trades; i++) if (random.uniform() < chance) buys += 1;
  return buys;
};

/** `end`: `exp(-mean)`, for callers that know it already. */
const poisson = (mean: number, random: Random, end = exp(-mean)): number => {
  if (mean > maxDraws) return max(0, round(mean + sqrt(mean) * random.normal()));
  let count = 0;
  for (let left = random.uniform(); left > end; left *= random.uniform()) count += 1;
  return count;
};

/**
 * Sums of lognormal draws, drawn at once: lognormal themselves, with the same mean and variance (Fenton, 1960). The
 * factor is by what the sum differs from its mean.
 */
const lognormalSums = (deviation: number) => {
  const deviationOf = (count: number): number => sqrt(log(1 + (exp(deviation ** 2) - 1) / count));
  const known = Array.from({ length: manySummands }, (_, count) => deviationOf(count));
  return {
    factor: (count: number, random: Random): number => {
      const sigma = known[count] ?? deviationOf(count);
      return exp(sigma * random.normal() - sigma ** 2 / 2);
    },
  };
};

const burstSums = lognormalSums(burstDeviation);
const sizeSums = lognormalSums(sizeDeviation);
