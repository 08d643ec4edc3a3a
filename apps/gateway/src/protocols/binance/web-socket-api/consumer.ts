import { type Hub, PayloadItem, Stream } from '@tickwire/hub';
import type { ApiReply } from '../../../http/api/api.js';
import type { Client, Consumer, ConsumerType, GatewayContext, Scope } from '../../consumer.js';
import { jsonBetween, jsonText } from '../../json-text.js';
import { binanceCloseCodes } from '../close-codes.js';
import { type TimeUnit, timeText } from '../payload-fields.js';
import type { PingWheel, Pulse } from '../ping-wheel.js';
import type { BinanceAnswers } from '../rest/answers.js';
import { binanceErrorReply, invalidJson, notPermitted, tooManyRequests } from '../rest/errors.js';
import { weightLimit } from '../rest/exchange-info.js';
import { formatOf } from '../stream-event.js';
import { problemOfApiQuery, unitOf } from '../target.js';
import { type Call, isRejected, parseCall, type RejectedCall } from './call.js';

export interface WebSocketApi {
  readonly consumer: ConsumerType;
  /** Tells every connection that the gateway is about to leave. */
  announceShutdown(): void;
}

export interface WebSocketApiOptions {
  readonly hub: Pick<Hub, 'setStreams'>;
  readonly answers: Pick<BinanceAnswers, 'answer'>;
  readonly pings: PingWheel;
  readonly metrics: GatewayContext['metrics'];
  /** Milliseconds since the Unix epoch. @default Date.now */
  readonly now?: () => number;
}

/** Most requests of one connection at a time; each may be a read that waits for its turn. */
const maxUnderWay = 64;
const minuteMs = 60_000;
const retryMs = 1_000;

/** Binance's WebSocket API as far as it is market data: requests and their responses. Documented in docs/protocols/binance.md. */
export const createWebSocketApi = (options: WebSocketApiOptions): WebSocketApi => {
  const { now = Date.now } = options;
  const notices = { ms: new Stream('!serverShutdown#api'), us: new Stream('!serverShutdown#api-us') };
  return {
    consumer: {
      name: 'binance-api',
      hasOwnHeartbeat: true,
      closeCodes: binanceCloseCodes,
      format: formatOf,
      create: (client, scope) => new WebSocketApiConnection({ ...options, client, scope, notices, now }),
    },
    announceShutdown() {
      const atMs = now();
      for (const unit of ['ms', 'us'] as const) {
        const text = `{"event":{"e":"serverShutdown","E":${timeText(atMs, unit)}}}`;
        notices[unit].publish(new PayloadItem(() => Buffer.from(text)));
      }
    },
  };
};

interface ConnectionOptions extends Required<WebSocketApiOptions> {
  readonly client: Client;
  readonly scope: Scope;
  readonly notices: Readonly<Record<TimeUnit, Stream>>;
}

class WebSocketApiConnection implements Consumer {
  readonly #options: ConnectionOptions;
  readonly #showsLimits: boolean;
  #pulse: Pulse | undefined;
  #underWay = 0;
  /** Requests in the minute that began then. */
  #count = 0;
  #countedSince = Number.NEGATIVE_INFINITY;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#showsLimits = options.scope.query.get('returnRateLimits') !== 'false';
  }

  connect(): void {
    const { client, scope, hub, notices, pings } = this.#options;
    const problem = problemOfApiQuery(scope.query);
    if (problem !== undefined) {
      client.session.close('badRequest', problem);
      return;
    }
    this.#pulse = pings.add({
      ping: (payload) => client.ping(payload),
      timedOut: () => client.session.close('noPong'),
    });
    hub.setStreams(client.session, [notices[unitOf(scope.query) ?? 'ms']]);
  }

  async receive(data: string | Uint8Array): Promise<void> {
    this.#countRequest();
    const call = typeof data === 'string' ? parseCall(data) : { id: 'null', error: invalidJson() };
    if (this.#underWay >= maxUnderWay) {
      this.#options.metrics.refused('reads');
      this.#send(call, binanceErrorReply(tooManyRequests()));
      return;
    }
    this.#underWay += 1;
    try {
      this.#send(call, await this.#replyTo(call));
    } finally {
      this.#underWay -= 1;
    }
  }

  control(kind: 'ping' | 'pong', payload: Uint8Array): void {
    if (kind === 'pong') this.#pulse?.ponged(payload);
  }

  disconnect(): void {
    this.#pulse?.stop();
  }

  /** As the REST call is answered, tokens included: what is read there is of all symbols. */
  async #replyTo(call: Call | RejectedCall): Promise<ApiReply> {
    const { client, scope, answers } = this.#options;
    if (isRejected(call)) return binanceErrorReply(call.error);
    if (scope.grant.isRestricted === true) return binanceErrorReply(notPermitted(403));
    // A client that takes no responses gets no further ones made.
    await client.session.writable();
    const { path, query } = call;
    const { address } = scope;
    // By REST the unit is in a header.
    const header = (name: string): string | undefined =>
      name === 'x-mbx-time-unit' ? (scope.query.get('timeUnit') ?? undefined) : undefined;
    return answers.answer(path, { query, address, header, body: undefined, answered });
  }

  #send(call: Call | RejectedCall, { status = 200, headers, body }: ApiReply): void {
    const { client, scope } = this.#options;
    const isError = status >= 400;
    const answered =
      isError && headers?.['Retry-After'] !== undefined ? { ...(body as object), data: this.#retry() } : body;
    const bytes = answered instanceof Uint8Array ? answered : Buffer.from(jsonText(answered));
    const before = `{"id":${call.id},"status":${status},"${isError ? 'error' : 'result'}":`;
    client.session.send(formatOf(scope).message(jsonBetween(before, bytes, this.#end(call))));
  }

  #retry(): object {
    const serverTime = this.#options.now();
    return { serverTime, retryAfter: serverTime + retryMs };
  }

  #end(call: Call | RejectedCall): string {
    const isShown = isRejected(call) ? this.#showsLimits : (call.showsLimits ?? this.#showsLimits);
    return isShown ? `,"rateLimits":${JSON.stringify([{ ...weightLimit, count: this.#count }])}}` : '}';
  }

  #countRequest(): void {
    const nowMs = performance.now();
    if (nowMs - this.#countedSince >= minuteMs) {
      this.#countedSince = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
  }
}

const answered = Promise.resolve();
