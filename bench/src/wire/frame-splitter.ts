/** Calls for each text or binary message: `buffer[start, end)` is its payload. */
export type FrameSink = (buffer: Uint8Array, start: number, end: number, isCompressed: boolean) => void;

const nothing = new Uint8Array(0);
const closeOpcode = 0x8;
const pingOpcode = 0x9;

/**
 * Cuts one connection's bytes into WebSocket frames as a server sends them: unmasked, one frame a message. A whole
 * frame is handed over where it lies in the read buffer; only one that a read cut in two is copied.
 */
export class FrameSplitter {
  frames = 0;
  isClosed = false;
  /** Payloads of the pings that were not answered yet. */
  pings: Uint8Array[] = [];
  readonly #sink: FrameSink;
  #rest: Uint8Array = nothing;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Takes what one read brought. The buffer may be used again when this returns. */
  push(buffer: Uint8Array, from: number, to: number): void {
    if (this.#rest.length === 0) {
      const used = this.#cut(buffer, from, to);
      if (used < to) this.#rest = copyOf(buffer, used, to);
      return;
    }
    const joined = new Uint8Array(this.#rest.length + to - from);
    joined.set(this.#rest);
    joined.set(buffer.subarray(from, to), this.#rest.length);
    const used = this.#cut(joined, 0, joined.length);
    this.#rest = used < joined.length ? joined.subarray(used) : nothing;
  }

  /** Up to where whole frames reached. */
  #cut(buffer: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at + 2 <= to) {
      const first = buffer[at] as number;
      const short = (buffer[at + 1] as number) & 0x7f;
      let start = at + 2;
      let length = short;
      if (short === 126) {
        if (at + 4 > to) break;
        length = ((buffer[at + 2] as number) << 8) | (buffer[at + 3] as number);
        start = at + 4;
      } else if (short === 127) {
        if (at + 10 > to) break;
        length = new DataView(buffer.buffer, buffer.byteOffset + at + 6, 4).getUint32(0);
        start = at + 10;
      }
      const end = start + length;
      if (end > to) break;
      at = end;
      const opcode = first & 0x0f;
      if (opcode < closeOpcode) {
        this.frames += 1;
        this.#sink(buffer, start, end, (first & 0x40) !== 0);
      } else if (opcode === closeOpcode) this.isClosed = true;
      else if (opcode === pingOpcode) this.pings.push(copyOf(buffer, start, end));
    }
    return at;
  }
}

/** `slice` of a Buffer would be a view on what the next read overwrites. */
const copyOf = (buffer: Uint8Array, start: number, end: number): Uint8Array =>
  Uint8Array.prototype.slice.call(buffer, start, end);
