import { type Slot, sizeDeviation, slotMs } from './minute-slots.js';
import type { Random } from './random.js';

/** What happens in a slot, as a feed publishes it: new quotes first, then trades at them. */
export interface SlotEvents {
  readonly quotedAt: number;
  readonly bidLots: number;
  readonly askLots: number;
  /** In order of time. */
  readonly trades: readonly SlotTrade[];
}

export interface SlotTrade {
  readonly ts: number;
  readonly isBuy: boolean;
  readonly lots: number;
}

/**
 * Makes imbalance informative: log(bidLots / askLots) is `2 * signal * pressure` plus noise with deviation `2 * noise`,
 * so half of its variance comes from the pressure.
 */
const signal = 0.6;
const noise = 0.6;
/** Quotes come within this time of a slot's start, so that those of all symbols do not come at one moment. */
const quoteSpreadMs = 80;
/** Trades of a burst follow each other. */
const burstMs = 30;

/** Draws the trades whose numbers and sums the slot has. `meanLots`: of the best level of the book. */
export const drawSlot = (start: number, slot: Slot, meanLots: number, random: Random): SlotEvents => {
  const quotedAt = start + Math.floor(random.uniform() * quoteSpreadMs);
  const common = 0.4 * random.normal();
  const level = (tilt: number): number =>
    Math.max(1, Math.round(meanLots * Math.exp(common + tilt + noise * random.normal())));
  const [bidLots, askLots] = [level(signal * slot.pressure), level(-signal * slot.pressure)];
  const count = slot.buys + slot.sells;
  if (count === 0) return { quotedAt, bidLots, askLots, trades: [] };

  const times = timesOf(count, quotedAt, start + slotMs, random);
  const buys = split(slot.buyLots, slot.buys, random);
  const sells = split(slot.sellLots, slot.sells, random);
  const trades = sidesOf(slot, random).map((isBuy, at) => {
    return { ts: times[at] as number, isBuy, lots: (isBuy ? buys : sells).pop() as number };
  });
  return { quotedAt, bidLots, askLots, trades };
};

const timesOf = (count: number, from: number, until: number, random: Random): readonly number[] => {
  const burstAt = from + random.uniform() * (until - from);
  const times = Array.from({ length: count }, () => {
    const at = burstAt + burstMs * random.exponential();
    return Math.floor(at < until ? at : from + random.uniform() * (until - from));
  });
  return times.sort((a, b) => a - b);
};

/** Whether each trade is a buy: the first and the last as the slot has them, the others in any order. */
const sidesOf = ({ buys, sells, isFirstBuy, isLastBuy }: Slot, random: Random): readonly boolean[] => {
  const count = buys + sells;
  if (count === 1) return [isFirstBuy];
  let buysLeft = buys - Number(isFirstBuy) - Number(isLastBuy);
  const between = Array.from({ length: count - 2 }, (_, at) => {
    const isBuy = random.uniform() * (count - 2 - at) < buysLeft;
    if (isBuy) buysLeft -= 1;
    return isBuy;
  });
  return [isFirstBuy, ...between, isLastBuy];
};

/** Parts of at least one lot, as unequal as trades are, that sum up to the whole. */
const split = (whole: number, parts: number, random: Random): number[] => {
  const weights = Array.from({ length: parts }, () => Math.exp(sizeDeviation * random.normal()));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const spare = whole - parts;
  let reached = 0;
  let given = 0;
  return weights.map((weight, at) => {
    reached += weight;
    const until = at === parts - 1 ? spare : Math.floor((spare * reached) / sum);
    const lots = 1 + until - given;
    given = until;
    return lots;
  });
};
