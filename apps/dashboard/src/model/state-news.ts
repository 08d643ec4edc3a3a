import type { PriceState } from './symbol-state.js';

/** Decides which changes of one price's state are worth a sentence of their own. */
export interface StateNews {
  /** Whether this state is news. While the page is not connected, and until prices are back, the connection is the news. */
  isNews(state: PriceState, isConnected: boolean): boolean;
  /** Another symbol: its first state is not a change. */
  reset(): void;
}

export const createStateNews = (): StateNews => {
  let announced: PriceState | undefined;
  return {
    isNews(state, isConnected) {
      const before = announced;
      if (!isConnected) announced = undefined;
      else if (before !== undefined || state === 'live' || state === 'down') announced = state;
      return before !== undefined && announced !== undefined && before !== announced;
    },
    reset() {
      announced = undefined;
    },
  };
};
