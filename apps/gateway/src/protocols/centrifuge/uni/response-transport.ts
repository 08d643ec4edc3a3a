import type { ServerResponse } from 'node:http';
import type { Transport } from '@tickwire/hub';
import type { CloseReason } from '@tickwire/protocol';
import type { Acknowledgements } from '../../../timing/acknowledgements.js';

/** How long a client may take to read the end before its socket is cut. */
const closeTimeoutMs = 5_000;

/** A session over an HTTP response that does not end. */
export class ResponseTransport implements Transport {
  readonly #response: ServerResponse;
  /** A client that only reads cannot answer; the system knows what has reached it. */
  readonly probe?: (probe: number) => void;
  readonly #farewell: (reason: CloseReason, detail?: string) => Uint8Array;

  /** `farewell` makes the last bytes of a stream that the server ends; `paced` answers the probes. */
  constructor(
    response: ServerResponse,
    farewell: (reason: CloseReason, detail?: string) => Uint8Array,
    paced?: { readonly acknowledgements: Acknowledgements; readonly answered: (probe: number) => void },
  ) {
    this.#response = response;
    this.#farewell = farewell;
    if (paced === undefined) return;
    const { acknowledgements, answered } = paced;
    this.probe = (probe) => {
      const { socket } = response;
      if (socket !== null) acknowledgements.whenAcknowledged(socket, () => answered(probe));
    };
  }

  write(bytes: Uint8Array, probe?: number): boolean {
    // The session is notified of the end by `disconnected`.
    if (this.#response.writableEnded || this.#response.destroyed) return true;
    const isTaken = this.#response.write(bytes);
    if (probe !== undefined) this.probe?.(probe);
    return isTaken;
  }

  close(reason: CloseReason, detail?: string): void {
    const response = this.#response;
    if (response.writableEnded) return;
    response.end(this.#farewell(reason, detail));
    const cut = setTimeout(() => response.destroy(), closeTimeoutMs).unref();
    response.once('close', () => clearTimeout(cut));
  }
}
