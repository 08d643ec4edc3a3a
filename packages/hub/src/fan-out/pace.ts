const firstWindowBytes = 8_192;
const minWindowBytes = 2_048;
/** What a quick line gets without having needed it. */
const quickWindowBytes = 32_768;
const maxWindowBytes = 4_194_304;
/** A line that takes longer than this to answer has a queue, until it is known better. */
const firstLeastMs = 300;

/**
 * How much may be on its way to a client at once, so that nothing waits for long between here and there: not in our own
 * socket, nor the kernel, nor a proxy. Probes go out between the frames, and the client's answer to one says that all
 * before it has arrived, and how long that took beside the quickest answer so far.
 */
export class Pace {
  /** More than this is not written before an answer came. */
  windowBytes = firstWindowBytes;
  readonly #targetMs: number;
  readonly #now: () => number;
  /** Written, and not known to have arrived; and how much of it after the probe. */
  #bytes = 0;
  #bytesAfterProbe = 0;
  #lastProbe = 0;
  #isProbing = false;
  #probedAt = 0;
  /** Of an answer that met no queue. */
  #leastMs = firstLeastMs;
  /** Bytes a millisecond that the line carried, as far as its last answer tells. */
  #rate = Number.POSITIVE_INFINITY;
  #wasFull = false;
  #hasAnswered = false;

  /** `targetMs` is how long what is written may be on its way. */
  constructor(targetMs: number, now: () => number) {
    this.#targetMs = targetMs;
    this.#now = now;
  }

  /** Counts what was written. The number of a probe that is to follow it now, or undefined. */
  wrote(bytes: number): number | undefined {
    this.#bytes += bytes;
    if (this.#isProbing) this.#bytesAfterProbe += bytes;
    return this.#nextProbe();
  }

  /** No more may be written until an answer comes. */
  get isFull(): boolean {
    const isFull =
      this.#bytes >= this.windowBytes || (this.#isProbing && this.#now() - this.#probedAt > this.#targetMs);
    if (isFull) this.#wasFull = true;
    return isFull;
  }

  /** What may be written until it is full. */
  get leftBytes(): number {
    return Math.max(0, this.windowBytes - this.#bytes);
  }

  /** So many bytes would take too long to arrive. */
  wouldQueue(bytes: number): boolean {
    return bytes > this.windowBytes && bytes > this.#rate * this.#targetMs;
  }

  /** A client whose probe this was has everything before it. False for what is no answer to a probe. */
  answered(probe: number): boolean {
    if (!this.#isProbing || probe !== this.#lastProbe) return false;
    const tookMs = this.#now() - this.#probedAt;
    const wasFull = this.#wasFull;
    const arrived = this.#bytes - this.#bytesAfterProbe;
    this.#isProbing = false;
    this.#hasAnswered = true;
    this.#wasFull = false;
    this.#bytes = this.#bytesAfterProbe;
    this.#bytesAfterProbe = 0;
    // It creeps up, so that a long line is not taken for a full one for ever: the least window makes no queue.
    const share = this.windowBytes === minWindowBytes ? 4 : 256;
    this.#leastMs += tookMs < this.#leastMs ? tookMs - this.#leastMs : (tookMs - this.#leastMs) / share;
    this.#rate = arrived / Math.max(1, tookMs - this.#leastMs);
    this.#adapt(tookMs - this.#leastMs, wasFull);
    return true;
  }

  /** The number of a probe that is due at once, where what was written after the last one is much already. */
  dueProbe(): number | undefined {
    return this.#nextProbe();
  }

  /** It has never answered, and had long enough to: its client knows no pings, and cannot be paced. */
  get isVain(): boolean {
    return !this.#hasAnswered && this.#isProbing && this.#now() - this.#probedAt > 8 * this.#targetMs;
  }

  #nextProbe(): number | undefined {
    // Half, so that on a quick line the answer is here before the window is full.
    if (this.#isProbing || this.#bytes * 2 < this.windowBytes) return undefined;
    this.#isProbing = true;
    this.#probedAt = this.#now();
    this.#lastProbe = (this.#lastProbe + 1) % 2 ** 32;
    return this.#lastProbe;
  }

  #adapt(queuedMs: number, wasFull: boolean): void {
    // A probe has half of the window before it: half of the target for it, and half for what comes behind.
    const goalMs = this.#targetMs / 2;
    if (queuedMs > goalMs) {
      this.windowBytes = Math.max(minWindowBytes, Math.floor((this.windowBytes * goalMs) / queuedMs));
    } else if (queuedMs < goalMs / 2 && (wasFull || this.windowBytes < quickWindowBytes)) {
      this.windowBytes = Math.min(maxWindowBytes, this.windowBytes * 2);
    }
  }
}
