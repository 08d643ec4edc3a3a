/** Buckets a doubling: a quantile is at most 3 % above what was measured. */
const subBuckets = 32;
const subBits = 5;
const buckets = 32 * subBuckets;

/** In milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** How many values each bucket holds, for another process. */
export interface HistogramCounts {
  /** Pairs of a bucket and its count, one after another; empty buckets are left out. */
  readonly buckets: readonly number[];
  readonly maxUs: number;
}

/** Log-linear histogram of microseconds: constant memory, a few nanoseconds a value, no value left out. */
export class LatencyHistogram {
  count = 0;
  maxUs = 0;
  readonly #counts = new Uint32Array(buckets);

  /** Below 0 counts as 0: the clocks of sender and receiver are one. */
  add(us: number): void {
    const value = us < 0 ? 0 : us > 0x7fffffff ? 0x7fffffff : us | 0;
    if (value > this.maxUs) this.maxUs = value;
    const index = indexOf(value);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.count += 1;
  }

  /** The upper end of the bucket that holds the value at this share, 0 to 1; 0 when empty. */
  quantileUs(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (let index = 0; index < buckets; index += 1) {
      seen += this.#counts[index] as number;
      if (seen >= rank) return Math.min(upperEnd(index), this.maxUs);
    }
    return this.maxUs;
  }

  summary(): LatencySummary {
    const at = (share: number): number => this.quantileUs(share) / 1_000;
    return { count: this.count, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: this.maxUs / 1_000 };
  }

  counts(): HistogramCounts {
    const buckets: number[] = [];
    this.#counts.forEach((count, bucket) => {
      if (count > 0) buckets.push(bucket, count);
    });
    return { buckets, maxUs: this.maxUs };
  }

  /** Adds the values of another histogram. */
  merge({ buckets, maxUs }: HistogramCounts): void {
    for (let at = 0; at < buckets.length; at += 2) {
      const bucket = buckets[at] as number;
      const count = buckets[at + 1] as number;
      this.#counts[bucket] = (this.#counts[bucket] as number) + count;
      this.count += count;
    }
    this.maxUs = Math.max(this.maxUs, maxUs);
  }

  clear(): void {
    this.#counts.fill(0);
    this.count = 0;
    this.maxUs = 0;
  }
}

const indexOf = (value: number): number => {
  if (value < subBuckets) return value;
  const shift = 31 - Math.clz32(value) - subBits;
  return (shift + 1) * subBuckets + ((value >> shift) & (subBuckets - 1));
};

const upperEnd = (index: number): number => {
  if (index < subBuckets) return index;
  const shift = Math.floor(index / subBuckets) - 1;
  return (subBuckets + (index % subBuckets) + 1) * 2 ** shift - 1;
};
