const codeOf = (character: string): number => character.charCodeAt(0);
const zero = codeOf('0');
const nine = codeOf('9');
const quote = codeOf('"');
const point = codeOf('.');
const colon = codeOf(':');
const closeBrace = codeOf('}');
const letterC = codeOf('C');
const letterQ = codeOf('q');
const letterS = codeOf('s');
const seqMarker = Buffer.from('"seq":');
const ptsMarker = Buffer.from('"pts":');
const channelMarker = Buffer.from('trade.sim.C');
const skippedMarker = Buffer.from('"skipped":');

/**
 * Finds channel, `seq` and `pts` of ticks in their JSON without parsing it: where they stand is learnt from one tick
 * and checked at the next by the characters before them. Anything that does not look alike is searched anew.
 */
export class TickReader {
  channel = 0;
  /** The channel of ticks that do not say it: `channel` is then left alone. */
  knowsChannel = false;
  seq = 0;
  ptsMs = 0;
  /** Where the tick read last ends, behind its closing brace. */
  end = 0;

  /** From the beginning of the text: the channel's three digits, and the digits of `seq`. */
  #channelAt = 0;
  #seqAt = 0;
  /** From behind the digits of `seq` to those of `pts`. */
  #ptsAfterSeq = 0;
  /** From the end of the digits of `pts` to the closing brace is searched; a tick is this long as a rule. */
  #length = 0;

  /** The first tick in `buffer[start, end)`; false when there is none. */
  read(buffer: Uint8Array, start: number, end: number): boolean {
    return this.#readWhereItWas(buffer, start, end) || this.#search(buffer, start, end);
  }

  /**
   * The number of ticks that a slow client is notified it missed before the tick read last. The text begins at `start` and ends at `end`:
   * the tick itself, or the whole message where that is said beside the tick (`tags` of the Centrifuge protocol).
   */
  skippedIn(buffer: Uint8Array, start: number, end = this.end): number {
    const text = view(buffer, start, end);
    const at = text.indexOf(skippedMarker);
    if (at === -1) return 0;
    const from = at + skippedMarker.length;
    // A tag is text: its digits stand in quotes.
    return Number.parseInt(text.toString('latin1', text[from] === quote ? from + 1 : from), 10);
  }

  #readWhereItWas(buffer: Uint8Array, start: number, end: number): boolean {
    const channelAt = start + this.#channelAt;
    let at = start + this.#seqAt;
    if (this.#length === 0 || at + 10 > end) return false;
    if (!this.knowsChannel && buffer[channelAt - 1] !== letterC) return false;
    if (buffer[at - 1] !== colon || buffer[at - 3] !== letterQ || buffer[at - 5] !== letterS) return false;
    const channel =
      ((buffer[channelAt] as number) - zero) * 100 +
      ((buffer[channelAt + 1] as number) - zero) * 10 +
      (buffer[channelAt + 2] as number) -
      zero;
    let seq = 0;
    let code = buffer[at] as number;
    while (code >= zero && code <= nine) {
      seq = seq * 10 + code - zero;
      at += 1;
      code = buffer[at] as number;
    }
    at += this.#ptsAfterSeq;
    if (at > end || buffer[at - 1] !== colon || buffer[at - 2] !== quote || buffer[at - 3] !== letterS) return false;
    if (!this.knowsChannel) this.channel = channel;
    this.seq = seq;
    this.#readPts(buffer, at);
    // A tick with a number of skipped ones is longer; there, and where lengths vary, the closing brace is searched for.
    let last = start + this.#length - 1;
    if (last >= end || buffer[last] !== closeBrace) {
      last = buffer.indexOf(closeBrace, at);
      if (last === -1 || last >= end) return false;
    }
    this.end = last + 1;
    return true;
  }

  #search(buffer: Uint8Array, start: number, end: number): boolean {
    const text = view(buffer, start, end);
    const channelAt = this.knowsChannel ? 0 : text.indexOf(channelMarker);
    const seqAt = text.indexOf(seqMarker);
    const ptsAt = text.indexOf(ptsMarker, seqAt);
    if (channelAt === -1 || seqAt === -1 || ptsAt === -1) return false;
    const lastAt = text.indexOf(closeBrace, ptsAt);
    if (lastAt === -1) return false;
    this.#channelAt = channelAt + channelMarker.length;
    this.#seqAt = seqAt + seqMarker.length;
    const seqText = String(Number.parseInt(text.toString('latin1', this.#seqAt, this.#seqAt + 16), 10));
    this.#ptsAfterSeq = ptsAt + ptsMarker.length - this.#seqAt - seqText.length;
    this.#length = lastAt + 1;
    if (!this.knowsChannel) this.channel = Number(text.toString('latin1', this.#channelAt, this.#channelAt + 3));
    this.seq = Number(seqText);
    this.#readPts(buffer, start + ptsAt + ptsMarker.length);
    this.end = start + lastAt + 1;
    return true;
  }

  #readPts(buffer: Uint8Array, from: number): void {
    let at = from;
    let whole = 0;
    let code = buffer[at] as number;
    while (code >= zero && code <= nine) {
      whole = whole * 10 + code - zero;
      at += 1;
      code = buffer[at] as number;
    }
    let fraction = 0;
    let scale = 1;
    if (code === point) {
      at += 1;
      code = buffer[at] as number;
      while (code >= zero && code <= nine) {
        fraction = fraction * 10 + code - zero;
        scale *= 10;
        at += 1;
        code = buffer[at] as number;
      }
    }
    this.ptsMs = whole + fraction / scale;
  }
}

const view = (buffer: Uint8Array, start: number, end: number): Buffer =>
  Buffer.from(buffer.buffer, buffer.byteOffset + start, end - start);
