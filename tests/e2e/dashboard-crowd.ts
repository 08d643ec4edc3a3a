import type { Ticker } from '@tickwire/protocol';

/** Symbols of which only the price moves, at any rate: what a crowded watchlist is made of, without the cost of a market. */
export interface Crowd {
  readonly symbols: readonly string[];
  /**
   * Tickers of all symbols that are due between two moments. Where the second comes late, as on a busy machine, what is
   * older than a moment is left out: catching up would make it later still.
   */
  tickers(fromMs: number, toMs: number): readonly Ticker[];
}

const maxBacklogMs = 100;

export const createCrowd = (size: number, perSecond: number): Crowd => {
  const members = Array.from({ length: size }, (_, i) => ({
    symbol: `C${String(i).padStart(3, '0')}-USD`,
    price: 10 + i,
    dueAt: Number.NaN,
  }));
  return {
    symbols: members.map(({ symbol }) => symbol),
    tickers(fromMs, toMs) {
      const oldestMs = Math.max(fromMs, toMs - maxBacklogMs);
      const due: Ticker[] = [];
      for (const [i, member] of members.entries()) {
        if (!(member.dueAt >= oldestMs)) member.dueAt = oldestMs + (i % (1_000 / perSecond));
        for (; member.dueAt <= toMs; member.dueAt += 1_000 / perSecond) {
          const ts = Math.floor(member.dueAt);
          // Up and down, each at a pace of its own, and a new price each time.
          const last = member.price * (1 + Math.sin(ts / (700 + 13 * i)) / 50);
          due.push({
            type: 'price.ticker',
            venue: 'sim',
            symbol: member.symbol,
            ts,
            rts: ts,
            last: last.toFixed(4),
            bid: (last - 0.001).toFixed(4),
            ask: (last + 0.001).toFixed(4),
            changePct24h: (Math.sin(ts / (900 + 17 * i)) * 5).toFixed(2),
          } as Ticker);
        }
      }
      return due;
    },
  };
};
