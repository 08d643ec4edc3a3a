import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';

/** What a link does to the bytes on it. */
export type LinkState =
  /** Forwards them. */
  | { readonly kind: 'open' }
  /** New connections are refused, as by a host on which no server runs. */
  | { readonly kind: 'refusing' }
  /** Holds them back: nothing arrives, and nobody is notified. */
  | { readonly kind: 'hanging' }
  /** Forwards at most this many bytes per second in each direction of each connection. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number };

/** A link between clients and one server that can be cut, stopped and slowed down. */
export interface TroubledLink extends AsyncDisposable {
  readonly port: number;
  /** Number of open connections. */
  readonly connections: number;
  set(state: LinkState): void;
  /** Breaks every connection with a reset. */
  cut(): void;
  /** Sets where new connections go. */
  retarget(port: number): void;
}

/** Listens on a free port of 127.0.0.1 and forwards to another port there. */
export const startTroubledLink = async (targetPort: number): Promise<TroubledLink> => {
  let state: LinkState = { kind: 'open' };
  let target = targetPort;
  const pairs = new Set<Pair>();

  const server = createServer({ pauseOnConnect: true }, (near) => {
    if (state.kind === 'refusing') {
      reset(near);
      return;
    }
    const far = createConnection({ port: target, host: '127.0.0.1' });
    const pair: Pair = {
      directions: [createDirection(near, far, () => state), createDirection(far, near, () => state)],
      destroy() {
        pairs.delete(pair);
        for (const socket of [near, far]) reset(socket);
      },
    };
    pairs.add(pair);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', pair.destroy);
      socket.on('close', (hadError) => {
        if (hadError || (near.destroyed && far.destroyed)) pair.destroy();
      });
    }
    far.once('connect', () => near.resume());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  const cut = (): void => {
    for (const pair of [...pairs]) pair.destroy();
  };

  return {
    port: address.port,
    get connections() {
      return pairs.size;
    },
    set(next) {
      state = next;
      for (const { directions } of pairs) for (const direction of directions) direction.wake();
    },
    cut,
    retarget(port) {
      target = port;
    },
    async [Symbol.asyncDispose]() {
      cut();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
};

/** libuv rejects the reset of a socket that is ending, and its handle would keep the process alive for ever. */
const reset = (socket: Socket): void => {
  if (socket.writableEnded) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
};

interface Pair {
  readonly directions: readonly Direction[];
  destroy(): void;
}

interface Direction {
  /** Reads the state of the link again. */
  wake(): void;
}

const pieceMs = 20;

/** Forwards what `from` sends. Order is kept whatever the link does, and an end follows everything sent before it. */
const createDirection = (from: Socket, to: Socket, stateOf: () => LinkState): Direction => {
  let held: Buffer[] = [];
  let hasEnded = false;
  let timer: NodeJS.Timeout | undefined;

  const pass = (chunk: Buffer): void => {
    if (to.write(chunk) || to.destroyed) return;
    from.pause();
    to.once('drain', () => {
      if (held.length === 0) from.resume();
    });
  };

  /** Sends as much as the rate allows now; returns true if something is left for later. */
  const passSlowly = (bytesPerSecond: number): boolean => {
    const all = Buffer.concat(held);
    const allowed = Math.max(1, Math.floor((bytesPerSecond * pieceMs) / 1000));
    held = all.length > allowed ? [all.subarray(allowed)] : [];
    if (all.length > 0) pass(all.subarray(0, allowed));
    return held.length > 0;
  };

  const flush = (): void => {
    timer = undefined;
    const state = stateOf();
    if (to.destroyed || state.kind === 'hanging') return;
    if (state.kind === 'slow') {
      if (passSlowly(state.bytesPerSecond)) {
        timer = setTimeout(flush, pieceMs);
        return;
      }
    } else {
      for (const chunk of held.splice(0)) pass(chunk);
    }
    if (hasEnded) to.end();
    else from.resume();
  };

  from.on('data', (chunk: Buffer) => {
    const { kind } = stateOf();
    if (held.length === 0 && kind !== 'hanging' && kind !== 'slow') {
      pass(chunk);
      return;
    }
    held.push(chunk);
    // Reads no more than it holds back, so that the sender's own buffers fill, as on a real link.
    from.pause();
    timer ??= setTimeout(flush, pieceMs);
  });
  from.on('end', () => {
    hasEnded = true;
    if (held.length === 0 && stateOf().kind !== 'hanging') to.end();
  });
  return {
    wake() {
      if (timer === undefined) flush();
    },
  };
};
