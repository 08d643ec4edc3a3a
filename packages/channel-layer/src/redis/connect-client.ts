import type { Redis } from 'ioredis';
import { LayerClosed, LayerRejected } from '../errors.js';
import { addressAt, findOtherProtocol } from './other-protocol.js';

export interface ConnectClientOptions {
  readonly connectMs: number;
  readonly signal: AbortSignal;
  /** Closes the client, which fails with this reason. */
  readonly giveUp: (reason: Error) => void;
  readonly isOpening: () => boolean;
}

/** How long a greeting over TLS may take before the server is asked without. */
const doubtMs = 400;

/** Rejects after `connectMs`, when the signal aborts, or when the server is found to speak plain text instead of TLS. */
export const connectClient = async (client: Redis, options: ConnectClientOptions): Promise<void> => {
  const { connectMs, signal, isOpening } = options;
  /** A client that waits for Sentinels has nothing that could be closed: the wait itself must end. */
  let reject: (reason: Error) => void = () => {};
  const givenUp = new Promise<never>((_, rejectIt) => {
    reject = rejectIt;
  });
  const giveUp = (reason: Error): void => {
    options.giveUp(reason);
    reject(reason);
  };

  const abort = (): void => giveUp(new LayerClosed());
  signal.addEventListener('abort', abort, { once: true });
  const deadline = setTimeout(() => giveUp(new Error(`no answer within ${connectMs} ms`)), connectMs);
  let doubt: NodeJS.Timeout | undefined;
  const askOther = async (): Promise<void> => {
    const other = await findOtherProtocol(client.options, addressAt(client.stream));
    if (!isOpening()) return;
    if (other !== undefined) giveUp(new LayerRejected(other));
    // Sentinels may name the master later, and a busy server may miss the deadline of an answer.
    else doubt = setTimeout(askOther, doubtMs);
  };
  // A server without TLS waits for the end of what looks like a command to it, and never answers.
  if (client.options.tls !== undefined) doubt = setTimeout(askOther, doubtMs);
  try {
    signal.throwIfAborted();
    await Promise.race([client.connect(), givenUp]);
  } finally {
    clearTimeout(deadline);
    clearTimeout(doubt);
    signal.removeEventListener('abort', abort);
  }
};
