/** A token bucket: so many a second on average, `burst` at once. */
export class Allowance {
  #perSecond: number;
  readonly #burst: number;
  #left: number;
  #atMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#left = burst;
    this.#atMs = nowMs;
  }

  /** Takes so many; false, and takes none, where fewer are left. `nowMs` never goes back. */
  take(count: number, nowMs: number): boolean {
    this.#left = Math.min(this.#burst, this.#left + ((nowMs - this.#atMs) * this.#perSecond) / 1_000);
    this.#atMs = nowMs;
    if (this.#left < count) return false;
    this.#left -= count;
    return true;
  }

  slowTo(perSecond: number): void {
    this.#perSecond = Math.min(this.#perSecond, perSecond);
  }
}
