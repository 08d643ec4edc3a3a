const firstWindowBytes = 8_192;
const minWindowBytes = 2_048;
/** A line may always have this much on its way, even if it has never carried so much at once. */
const easyWindowBytes = 16_384;
/** So may one that has carried it in time, even if it does not need it. */
const quickWindowBytes = 32_768;
const maxWindowBytes = 4_194_304;
/**
 * A probe and its answer cost nearly as much as a write. On a line with plenty of room the window grows until probes are
 * so far apart, but no further than so many bytes: a line that slows down all at once has them still to carry.
 */
const quickGapMs = 400;
const maxQuickWindowBytes = 262_144;
/** Until a better value is known, an answer slower than this means a queue. */
const firstLeastMs = 300;
/** The first probe comes soon: so few bytes cause no queue, and the answer shows how long the line is. */
const firstProbeBytes = 1_024;

/**
 * How much may be on its way to a client at once, so that nothing waits for long between here and the client: not in
 * our own socket, the kernel or a proxy. Probes are sent between the frames. The client's answer proves that everything
 * before it has arrived, and shows how long that took compared with the fastest answer so far.
 */
export class Pace {
  /** No more than this is written before an answer arrives. */
  windowBytes = firstWindowBytes;
  /** How long the last probe and its answer took; 0 before the first answer. */
  roundTripMs = 0;
  readonly #targetMs: number;
  readonly #now: () => number;
  /** Bytes written and not known to have arrived; and how many of them after the probe. */
  #bytes = 0;
  #bytesAfterProbe = 0;
  #lastProbe = 0;
  #isProbing = false;
  #probedAt = 0;
  /** From the probe before the last one to the last. */
  #probeGapMs = Number.POSITIVE_INFINITY;
  /** The round trip of an answer that met no queue. */
  #leastMs = firstLeastMs;
  /** Bytes per millisecond at which the queue of the last answer went: far too many when there was hardly one. */
  #rate = Number.POSITIVE_INFINITY;
  /** Bytes per millisecond that the line has carried at least. Little traffic shows little of what it could carry. */
  #carried = 0;
  #wasFull = false;
  /** The last answer came late, after the window had been full: what else comes would queue as well. */
  #isQueuing = false;
  #hasAnswered = false;

  /** `targetMs` is how long the bytes written may be on their way. */
  constructor(targetMs: number, now: () => number) {
    this.#targetMs = targetMs;
    this.#now = now;
  }

  /** Counts bytes that are written now. Returns the number of a probe to send right behind them, or undefined. */
  writes(bytes: number): number | undefined {
    this.#bytes += bytes;
    if (this.#isProbing) this.#bytesAfterProbe += bytes;
    return this.#nextProbe();
  }

  /** No more may be written until an answer arrives. */
  get isFull(): boolean {
    const isFull =
      this.#bytes >= this.windowBytes || (this.#isProbing && this.#now() - this.#probedAt > this.#targetMs);
    if (isFull) this.#wasFull = true;
    return isFull;
  }

  /** Bytes that may be written until it is full. */
  get leftBytes(): number {
    return Math.max(0, this.windowBytes - this.#bytes);
  }

  /** Bytes that may be written at once: those that fit, or as many as the line has carried in time before. */
  get writeBytes(): number {
    return Math.max(this.windowBytes, this.#carried * this.#targetMs) - this.#bytes;
  }

  /**
   * Whether this many bytes would take too long to arrive. Only a line that was full can show it: a client that is busy
   * answers late as well, and what a line carries with little traffic is not what it can carry.
   */
  wouldQueue(bytes: number): boolean {
    return this.#isQueuing && bytes > this.windowBytes && bytes > this.#rate * this.#targetMs;
  }

  /**
   * The client that answers this probe has everything before it. Returns false for anything but the answer to a probe.
   */
  answered(probe: number): boolean {
    if (!this.#isProbing || probe !== this.#lastProbe) return false;
    const tookMs = this.#now() - this.#probedAt;
    const wasFull = this.#wasFull;
    const arrived = this.#bytes - this.#bytesAfterProbe;
    const isFirst = !this.#hasAnswered && arrived <= 2 * firstProbeBytes;
    this.#isProbing = false;
    this.#hasAnswered = true;
    this.roundTripMs = tookMs;
    this.#wasFull = false;
    this.#bytes = this.#bytesAfterProbe;
    this.#bytesAfterProbe = 0;
    if (isFirst) {
      // The answer shows nothing about how much the line carries.
      this.#leastMs = tookMs;
      return true;
    }
    // Grows slowly, so that a long line does not count as a full one forever: the smallest window causes no queue.
    const share = this.windowBytes === minWindowBytes ? 4 : 256;
    this.#leastMs += tookMs < this.#leastMs ? tookMs - this.#leastMs : (tookMs - this.#leastMs) / share;
    this.#learn(arrived, Math.max(1, tookMs - this.#leastMs), wasFull);
    return true;
  }

  /** Returns the number of a probe that is due at once, when much was written after the last one. */
  dueProbe(): number | undefined {
    return this.#nextProbe();
  }

  /** It had enough time but has never answered: its client does not support pings and cannot be paced. */
  get isVain(): boolean {
    return !this.#hasAnswered && this.#isProbing && this.#now() - this.#probedAt > 8 * this.#targetMs;
  }

  #nextProbe(): number | undefined {
    // Half, so that on a quick line the answer arrives before the window is full.
    const dueBytes = this.#hasAnswered ? this.windowBytes / 2 : firstProbeBytes;
    if (this.#isProbing || this.#bytes < dueBytes) return undefined;
    this.#isProbing = true;
    const now = this.#now();
    if (this.#hasAnswered) this.#probeGapMs = now - this.#probedAt;
    this.#probedAt = now;
    this.#lastProbe = (this.#lastProbe + 1) % 2 ** 32;
    return this.#lastProbe;
  }

  #learn(arrived: number, queuedMs: number, wasFull: boolean): void {
    // A probe has half of the window before it: half of the target for it, and half for the bytes behind it.
    const goalMs = this.#targetMs / 2;
    const carried = arrived / (this.#probeGapMs + queuedMs);
    this.#rate = arrived / queuedMs;
    this.#carried = queuedMs > goalMs ? carried : Math.max(carried, this.#carried);
    this.#isQueuing = wasFull && queuedMs >= goalMs / 2;
    if (queuedMs > goalMs) {
      this.windowBytes = Math.max(minWindowBytes, Math.floor((this.windowBytes * goalMs) / queuedMs));
    } else if (queuedMs < goalMs / 2 && (wasFull || this.#mayHaveMore(goalMs))) {
      this.windowBytes = Math.min(maxWindowBytes, this.windowBytes * 2);
    }
  }

  /** Twice the window would be through in time, though it was not needed: for fewer probes. */
  #mayHaveMore(goalMs: number): boolean {
    const doubled = this.windowBytes * 2;
    if (doubled <= easyWindowBytes) return true;
    if (doubled <= quickWindowBytes) return doubled <= this.#carried * 2 * this.#targetMs;
    return this.#probeGapMs < quickGapMs && doubled <= maxQuickWindowBytes && doubled < (this.#rate * goalMs) / 2;
  }
}
