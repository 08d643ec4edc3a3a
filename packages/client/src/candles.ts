import type { Bar } from '@tickwire/protocol';

/**
 * The bars of one channel, oldest first. The open bar is replaced as it grows; a corrected bar is replaced in its
 * place.
 */
export interface Candles<B extends Pick<Bar, 'start'> = Bar> {
  readonly bars: readonly B[];
  add(bar: B): void;
}

/** Keeps the newest `max` bars. @param max at least 1 */
export const createCandles = <B extends Pick<Bar, 'start'> = Bar>(max = 1_000): Candles<B> => {
  let bars: readonly B[] = [];
  return {
    get bars() {
      return bars;
    },
    add(bar) {
      const at = bars.findLastIndex(({ start }) => start <= bar.start);
      const isSame = bars[at]?.start === bar.start;
      bars = [...bars.slice(0, isSame ? at : at + 1), bar, ...bars.slice(at + 1)].slice(-max);
    },
  };
};
