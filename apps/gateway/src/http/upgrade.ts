import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { StateLog } from '@tickwire/runtime';
import type { Access } from '../access/access.js';
import { tokenOf } from '../access/access.js';
import { anybody, TokenRefused } from '../access/grant.js';
import type { Door, DoorRefusal, Leave } from '../limits/door.js';
import type { GatewayMetrics } from '../metrics/gateway-metrics.js';
import type { ConsumerType } from '../protocols/consumer.js';
import { findConsumer, type Route } from '../protocols/consumer.js';
import type { Readiness } from '../readiness/readiness.js';
import { createTurnstile } from '../timing/turnstile.js';
import type { Upgrade, WebSocketGate } from '../websocket/server.js';
import { hasGoodHost, parseTarget } from './express-app.js';
import { challengeOf } from './http-guard.js';
import { offersWebSocket } from './ignore-upgrade.js';

export interface UpgradeOptions {
  /** Takes a request that offers other protocols than WebSocket. */
  readonly onOther: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly routes: readonly Route[];
  readonly gate: Pick<WebSocketGate, 'accept'>;
  readonly readiness: Pick<Readiness, 'isDraining'>;
  readonly door: Door;
  readonly metrics: Pick<GatewayMetrics, 'refused'>;
  /** Undefined if everybody may connect. */
  readonly access: Access | undefined;
  /** Name of the cookie that may hold a token. */
  readonly cookie: string | undefined;
  /** Counts and logs requests that failed for a reason of ours. Keys that cannot be fetched are logged elsewhere. */
  readonly failures: Pick<StateLog, 'failed'>;
}

/** Why an upgrade is rejected, as an HTTP answer. */
interface Refusal {
  readonly status: string;
  readonly error: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends each upgrade request to the consumer of its path. Every obstacle is answered; no request hangs. */
export const createUpgradeHandler = (options: UpgradeOptions) => {
  const { onOther, routes, gate, door, metrics, readiness, access, cookie, failures } = options;
  const turnstile = createTurnstile();

  const admit = (type: ConsumerType, upgrade: Upgrade, url: URL): void => {
    const { request, socket } = upgrade;
    const token = access && tokenOf(request, url.searchParams, cookie);
    if (access === undefined || type.checksTokens === true) {
      gate.accept(type, upgrade, { url, grant: anybody, ...(token !== undefined && { token }) });
      return;
    }
    access.verify(token).then(
      (grant) => {
        // The gateway may have begun to drain while the token was checked.
        if (readiness.isDraining) refuse(socket, draining);
        else gate.accept(type, upgrade, { url, grant });
      },
      (error: unknown) => {
        metrics.refused('token');
        if (!(error instanceof TokenRefused)) failures.failed({ err: error });
        refuse(socket, refusalOf(error));
      },
    );
  };

  const enter = (upgrade: Upgrade): void => {
    const { request, socket } = upgrade;
    if (socket.destroyed) return;
    if (!hasGoodHost(request)) {
      refuse(socket, { status: '400 Bad Request', error: 'bad Host header' });
      return;
    }
    const entered = door.enter(request);
    if (entered instanceof Promise) void entered.then((answer) => seat(answer, upgrade));
    else seat(entered, upgrade);
  };

  const seat = (entered: DoorRefusal | Leave, upgrade: Upgrade): void => {
    const { request, socket } = upgrade;
    if (typeof entered !== 'function') {
      refuse(socket, fromDoor(entered));
      return;
    }
    // Meanwhile the client may have gone, or this process may be draining.
    if (socket.destroyed) {
      entered();
      return;
    }
    socket.once('close', entered);
    if (readiness.isDraining) {
      refuse(socket, draining);
      return;
    }
    const url = parseTarget(request.url);
    const type = url && findConsumer(routes, url.pathname);
    if (url === undefined) refuse(socket, { status: '400 Bad Request', error: 'bad request target' });
    else if (type === undefined) refuse(socket, { status: '404 Not Found', error: 'not found' });
    else admit(type, upgrade, url);
  };

  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (!offersWebSocket(request)) {
      onOther(request, socket, head);
      return;
    }
    socket.on('error', destroy);
    if (turnstile.enter(() => enter({ request, socket, head }))) return;
    metrics.refused('handshake-queue');
    refuse(socket, crowded);
  };
};

/** Shared: a closure of the handler would keep the request for as long as the client stays. */
function destroy(this: Duplex): void {
  this.destroy();
}

const draining: Refusal = { status: '503 Service Unavailable', error: 'draining', headers: { 'Retry-After': '1' } };

const crowded: Refusal = { ...draining, error: 'too many handshakes at once' };

const statusLines = {
  403: '403 Forbidden',
  421: '421 Misdirected Request',
  503: '503 Service Unavailable',
} as const;

const fromDoor = ({ status, error, retryAfterSeconds }: DoorRefusal): Refusal => ({
  status: statusLines[status],
  error,
  ...(retryAfterSeconds !== undefined && { headers: { 'Retry-After': String(retryAfterSeconds) } }),
});

const refusalOf = (error: unknown): Refusal => {
  if (error instanceof TokenRefused && error.code !== 'unavailable') {
    return {
      status: '401 Unauthorized',
      error: error.message,
      headers: { 'WWW-Authenticate': challengeOf(error.code) },
    };
  }
  return { status: '503 Service Unavailable', error: 'tokens cannot be verified now', headers: { 'Retry-After': '1' } };
};

const refuse = (socket: Duplex, { status, error, headers = {} }: Refusal): void => {
  const body = JSON.stringify({ error });
  const lines = Object.entries({
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  // A client that neither reads the answer nor hangs up must not stay.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`);
};
