import { simulatedEpochMs } from './simulated-process.js';
import type { VirtualTime } from './virtual-time.js';

export interface Trade {
  readonly group: string;
  /** +1 a trade of the group. */
  readonly id: number;
  readonly ts: number;
}

/** The exchange: trades of a few symbols, numbered, and all of them to be asked for again. */
export interface Market {
  readonly groups: readonly string[];
  trade(group: string): Trade;
  /** All so far, oldest first. */
  readonly trades: readonly Trade[];
}

export const createMarket = (time: Pick<VirtualTime, 'now'>, symbols: readonly string[]): Market => {
  const groups = symbols.map((symbol) => `trade.sim.${symbol}`);
  const trades: Trade[] = [];
  const ids = new Map<string, number>();
  return {
    groups,
    trades,
    trade(group) {
      const id = (ids.get(group) ?? 0) + 1;
      ids.set(group, id);
      const trade = { group, id, ts: simulatedEpochMs + Math.floor(time.now()) };
      trades.push(trade);
      return trade;
    },
  };
};
