import type { CloseReason } from '@tickwire/protocol';
import type { Transport } from '../fan-out/outlet.js';
import { type Line, parseLines } from './line-format.js';

/** A socket that remembers what was written and accepts bytes only as long as a test lets it. */
export interface FakeTransport extends Transport {
  readonly writes: readonly Uint8Array[];
  readonly closed: { readonly reason: CloseReason; readonly detail?: string } | undefined;
  /** From the next write on it reports that it is full; after `unblock`, call `Session.drained`. */
  block(): void;
  unblock(): void;
  /** It reported that it is full and was not unblocked since. */
  readonly isFull: boolean;
  /** Writes after a close, or after it reported that it was full: a session must never do that. */
  readonly wrongWrites: number;
  /** The lines that the client has read. */
  lines(): Line[];
  /** Forgets what was written so far. */
  clear(): void;
  /** Called in the middle of each write. */
  onWrite: (() => void) | undefined;
}

export const createFakeTransport = (): FakeTransport => {
  let writes: Uint8Array[] = [];
  let closed: FakeTransport['closed'];
  let isBlocked = false;
  let isFull = false;
  let wrongWrites = 0;

  const transport: FakeTransport = {
    onWrite: undefined,
    get writes() {
      return writes;
    },
    get closed() {
      return closed;
    },
    get isFull() {
      return isFull;
    },
    get wrongWrites() {
      return wrongWrites;
    },
    write(bytes) {
      if (closed !== undefined || isFull) wrongWrites += 1;
      writes.push(bytes);
      if (isBlocked) isFull = true;
      transport.onWrite?.();
      return !isBlocked;
    },
    close(reason, detail) {
      closed = { reason, ...(detail !== undefined && { detail }) };
    },
    block() {
      isBlocked = true;
    },
    unblock() {
      isBlocked = false;
      isFull = false;
    },
    lines: () => writes.flatMap((bytes) => parseLines(bytes)),
    clear() {
      writes = [];
    },
  };
  return transport;
};
