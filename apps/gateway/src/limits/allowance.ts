/** A token bucket: so many a second on average, `burst` at once. */
export class Allowance {
  #perSecond: number;
  #burst: number;
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

  /** From now on so many, and no more left than that. */
  change(perSecond: number, burst: number): void {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#left = Math.min(this.#left, burst);
  }
}
