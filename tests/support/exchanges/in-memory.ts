import type { HttpGet, OpenSocket } from '@tickwire/market';
import type { FakeConnection, FakeExchange } from './fake-exchange-types.js';
import type { Clock, Random } from './seams.js';

/** Sockets and requests to a fake exchange without a network, in the time of the clock. Order is kept, as TCP does. */
export const inMemory = (
  exchange: FakeExchange,
  clock: Clock,
  random: Random,
): { openSocket: OpenSocket; http: HttpGet } => {
  const latency = (): number => 5 + Math.floor(random() * 60);

  const openSocket: OpenSocket = (url, handlers) => {
    let connection: FakeConnection | undefined;
    let isOver = false;
    let lastAt = 0;
    let lastUpAt = 0;
    const down = (action: () => void): void => {
      lastAt = Math.max(lastAt, clock.now() + latency());
      clock.after(lastAt - clock.now(), () => {
        if (!isOver) action();
      });
    };
    const up = (action: () => void): void => {
      lastUpAt = Math.max(lastUpAt, clock.now() + latency());
      clock.after(lastUpAt - clock.now(), action);
    };
    const close = (closure: Parameters<typeof handlers.onClose>[0]): void => {
      isOver = true;
      handlers.onClose(closure);
    };
    up(() => {
      if (isOver) return;
      const { pathname, search } = new URL(url);
      // What the server says at once still follows its handshake.
      down(() => {
        if (connection) handlers.onOpen();
      });
      const result = exchange.connect(pathname + search, {
        text: (text) => down(() => handlers.onMessage(text)),
        ping: () => {
          down(() => handlers.onAlive());
          up(() => connection?.pong());
        },
        pong: () => down(() => handlers.onAlive()),
        close: (code, reason) => down(() => close({ code, reason })),
      });
      if ('receive' in result) connection = result;
      else {
        const retryAfter = result.headers?.['retry-after'];
        const { status } = result;
        const retryAfterMs = retryAfter === undefined ? undefined : { retryAfterMs: Number(retryAfter) * 1000 };
        down(() => close({ code: 1006, reason: '', status, ...retryAfterMs }));
      }
    });
    return {
      send: (text) => up(() => connection?.receive(text)),
      ping: () => up(() => connection?.ping()),
      terminate: () => {
        isOver = true;
        up(() => connection?.gone());
      },
    };
  };

  const http: HttpGet = (url) =>
    new Promise((resolve, reject) => {
      clock.after(latency() * 2, () => {
        try {
          const answer = exchange.get(url);
          if (!answer) return; // hangs
          const retryAfter = answer.headers?.['retry-after'];
          const retryAfterMs = retryAfter === undefined ? undefined : { retryAfterMs: Number(retryAfter) * 1000 };
          resolve({ status: answer.status, text: answer.body, ...retryAfterMs });
        } catch (error) {
          reject(error);
        }
      });
    });

  return { openSocket, http };
};
