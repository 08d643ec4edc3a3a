/** Frames that only one session is owed, in order. */
export class OwnFrames {
  bytes = 0;
  readonly #frames: Uint8Array[] = [];

  push(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.bytes += frame.length;
  }

  joined(): Uint8Array {
    const first = this.#frames[0];
    return this.#frames.length === 1 && first !== undefined ? first : Buffer.concat(this.#frames, this.bytes);
  }
}
