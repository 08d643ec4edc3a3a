/**
 * Messages a client may send within any second: control messages, pings and pongs together. Twice as many as Binance
 * takes: what a client sent evenly arrives at once after a pause of ours.
 */
const maxMessagesPerSecond = 10;
const windowMs = 1_000;

/** A strict rolling window: no burst beyond it, wherever a second is taken to begin. */
export class MessageWindow {
  /** When the last messages came, a ring. */
  readonly #times: number[] = [];
  #oldest = 0;

  /** Counts a message; false when it is one too many. `nowMs` never goes back. */
  admit(nowMs: number): boolean {
    if (this.#times.length < maxMessagesPerSecond) {
      this.#times.push(nowMs);
      return true;
    }
    if (nowMs - (this.#times[this.#oldest] ?? 0) < windowMs) return false;
    this.#times[this.#oldest] = nowMs;
    this.#oldest = (this.#oldest + 1) % maxMessagesPerSecond;
    return true;
  }
}
