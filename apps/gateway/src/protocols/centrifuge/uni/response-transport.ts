import type { ServerResponse } from 'node:http';
import type { Transport } from '@tickwire/hub';
import type { CloseReason } from '@tickwire/protocol';

/** How long a client may take to read the end before its socket is cut. */
const closeTimeoutMs = 5_000;

/** A session over an HTTP response that does not end. */
export class ResponseTransport implements Transport {
  readonly #response: ServerResponse;
  readonly #farewell: (reason: CloseReason, detail?: string) => Uint8Array;

  /** `farewell` makes the last bytes of a stream that the server ends. */
  constructor(response: ServerResponse, farewell: (reason: CloseReason, detail?: string) => Uint8Array) {
    this.#response = response;
    this.#farewell = farewell;
  }

  write(bytes: Uint8Array): boolean {
    // The session learns of the end by `disconnected`.
    if (this.#response.writableEnded || this.#response.destroyed) return true;
    return this.#response.write(bytes);
  }

  close(reason: CloseReason, detail?: string): void {
    const response = this.#response;
    if (response.writableEnded) return;
    response.end(this.#farewell(reason, detail));
    const cut = setTimeout(() => response.destroy(), closeTimeoutMs).unref();
    response.once('close', () => clearTimeout(cut));
  }
}
