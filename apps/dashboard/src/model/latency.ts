/** The newest samples and their quantiles. */
export interface LatencyStats {
  add(ms: number): void;
  /** Undefined before the first sample. */
  quantile(share: number): number | undefined;
}

/** Bounded: the newest `size` samples. */
export const createLatencyStats = (size = 512): LatencyStats => {
  const samples = new Float64Array(size);
  let count = 0;
  let next = 0;
  return {
    add(ms) {
      samples[next] = ms;
      next = (next + 1) % size;
      count = Math.min(count + 1, size);
    },
    quantile(share) {
      if (count === 0) return undefined;
      const sorted = samples.slice(0, count).sort();
      return sorted[Math.min(count - 1, Math.floor(share * count))];
    },
  };
};
