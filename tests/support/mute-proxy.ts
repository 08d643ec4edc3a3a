import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A proxy in front of one server that can hold back the bytes of either side without anybody noticing. */
export interface MuteProxy extends AsyncDisposable {
  readonly port: number;
  /** Holds back what the server sends, on all connections, until `releaseReplies`. */
  holdReplies(): void;
  releaseReplies(): void;
  /** From now on nothing passes, in either direction. New connections are accepted. */
  freeze(): void;
  /** New connections work again; earlier ones stay dead. */
  thaw(): void;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

export const startMuteProxy = async (serverPort: number): Promise<MuteProxy> => {
  const sockets = new Set<Socket>();
  let pairs: Pair[] = [];
  let isFrozen = false;
  let isHolding = false;

  const proxy = createServer((near) => {
    sockets.add(near);
    near.on('error', () => {});
    if (isFrozen) return;
    const far = connect(serverPort, '127.0.0.1');
    sockets.add(far);
    far.on('error', () => {});
    near.pipe(far);
    if (!isHolding) far.pipe(near);
    pairs.push({ near, far });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');

  return {
    port: address.port,
    holdReplies() {
      isHolding = true;
      for (const { near, far } of pairs) far.unpipe(near);
    },
    releaseReplies() {
      isHolding = false;
      for (const { near, far } of pairs) far.pipe(near);
    },
    freeze() {
      isFrozen = true;
      pairs = [];
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    thaw() {
      isFrozen = false;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
};
