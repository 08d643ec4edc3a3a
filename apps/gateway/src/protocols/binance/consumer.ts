import type { Hub } from '@tickwire/hub';
import { maxChannelsOf } from '../../access/grant.js';
import type { Client, Consumer, ConsumerType, GatewayContext, Scope } from '../consumer.js';
import type { BinanceStream } from './binance-stream.js';
import { binanceCloseCodes } from './close-codes.js';
import { MessageWindow } from './message-window.js';
import type { PingWheel, Pulse } from './ping-wheel.js';
import {
  errorText,
  invalidJson,
  isRequestError,
  parseRequest,
  type Request,
  type RequestError,
  tooManyParameters,
} from './request.js';
import { formatOf, type Variant, variantIndex } from './stream-event.js';
import type { BinanceStreams } from './streams.js';
import { parseTarget, problemOfTarget } from './target.js';

/** Requests that may wait for one that is being carried out. */
const maxWaiting = 32;

/**
 * Binance's market streams: what its clients connect to, subscribe and unsubscribe on, and read. Documented in
 * docs/protocols/binance.md.
 */
export const binanceConsumer = (
  { hub, config }: GatewayContext,
  streams: BinanceStreams,
  pings: PingWheel,
): ConsumerType => ({
  name: 'binance',
  hasOwnHeartbeat: true,
  closeCodes: binanceCloseCodes,
  format: formatOf,
  create: (client, scope) =>
    new BinanceConnection(hub, client, scope, streams, pings, maxChannelsOf(scope.grant, config.maxChannels)),
});

class BinanceConnection implements Consumer {
  readonly #hub: Pick<Hub, 'setStreams'>;
  readonly #client: Client;
  readonly #scope: Scope;
  readonly #streams: BinanceStreams;
  readonly #pings: PingWheel;
  readonly #maxStreams: number;
  readonly #window = new MessageWindow();
  /** Subscriptions in the order they were made; undefined for names nothing is sent on. */
  readonly #subscriptions = new Map<string, BinanceStream | undefined>();
  #variant: Variant;
  #pulse: Pulse | undefined;
  #stopWatching: (() => void) | undefined;
  #working: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(
    hub: Pick<Hub, 'setStreams'>,
    client: Client,
    scope: Scope,
    streams: BinanceStreams,
    pings: PingWheel,
    maxStreams: number,
  ) {
    this.#hub = hub;
    this.#client = client;
    this.#scope = scope;
    this.#streams = streams;
    this.#pings = pings;
    this.#maxStreams = maxStreams;
    this.#variant = parseTarget(scope).variant;
  }

  connect(): Promise<void> | undefined {
    const problem = problemOfTarget(this.#scope);
    if (problem !== undefined) {
      this.#client.session.close('badRequest', problem);
      return undefined;
    }
    this.#pulse = this.#pings.add({
      ping: (payload) => this.#client.ping(payload),
      timedOut: () => this.#client.session.close('noPong'),
    });
    this.#follow();
    return this.#inOrder(async () => {
      if (!(await this.#subscribe(parseTarget(this.#scope).names))) this.#client.session.close('channelLimit');
    });
  }

  receive(data: string | Uint8Array): Promise<void> | undefined {
    if (!this.#admit()) return undefined;
    const parsed = typeof data === 'string' ? parseRequest(data) : invalidJson;
    return this.#inOrder(() => this.#answer(parsed));
  }

  control(kind: 'ping' | 'pong', payload: Uint8Array): void {
    if (this.#admit() && kind === 'pong') this.#pulse?.ponged(payload);
  }

  disconnect(): void {
    this.#pulse?.stop();
    this.#stopWatching?.();
    for (const stream of this.#subscriptions.values()) if (stream !== undefined) this.#streams.release(stream);
    this.#subscriptions.clear();
  }

  #admit(): boolean {
    if (this.#window.admit(performance.now())) return true;
    this.#client.session.close('tooManyRequests');
    return false;
  }

  /** One after the other: a request is answered before the next one begins. */
  #inOrder(act: () => void | Promise<void>): Promise<void> {
    if (this.#waiting >= maxWaiting) {
      this.#client.session.close('tooManyRequests');
      return this.#working;
    }
    this.#waiting += 1;
    this.#working = this.#working.then(async () => {
      this.#waiting -= 1;
      if (!this.#client.session.isClosed) await act();
    });
    return this.#working;
  }

  async #answer(request: Request | RequestError): Promise<void> {
    if (isRequestError(request)) return this.#send(errorText(request));
    const { id } = request;
    switch (request.method) {
      case 'SUBSCRIBE':
        if (await this.#subscribe(request.names, id)) return;
        return this.#send(errorText({ code: 2, msg: tooManyParameters, id }));
      case 'UNSUBSCRIBE':
        this.#unsubscribe(request.names);
        return this.#sendResult('null', id);
      case 'LIST_SUBSCRIPTIONS':
        return this.#sendResult(JSON.stringify([...this.#subscriptions.keys()]), id);
      case 'GET_PROPERTY':
        return this.#sendResult(String(this.#variant.isCombined), id);
      case 'SET_PROPERTY':
        this.#variant = { ...this.#variant, isCombined: request.isCombined };
        this.#sendResult('null', id);
        return this.#follow();
    }
  }

  /** False when these would be too many streams; then nothing changed. Answers before the first event. */
  async #subscribe(names: readonly string[], id?: string): Promise<boolean> {
    const fresh = [...new Set(names)].filter((name) => !this.#subscriptions.has(name));
    if (this.#subscriptions.size + fresh.length > this.#maxStreams) return false;
    const opened = await this.#open(fresh);
    if (this.#client.session.isClosed) {
      for (const stream of opened) if (stream !== undefined) this.#streams.release(stream);
      return true;
    }
    for (const [index, name] of fresh.entries()) this.#subscriptions.set(name, opened[index]);
    if (id !== undefined) this.#sendResult('null', id);
    this.#begin(opened);
    if (opened.includes(undefined)) this.#stopWatching ??= this.#streams.onNewSymbols(() => this.#retry());
    return true;
  }

  #unsubscribe(names: readonly string[]): void {
    for (const name of names) {
      const stream = this.#subscriptions.get(name);
      this.#subscriptions.delete(name);
      if (stream !== undefined) this.#streams.release(stream);
    }
    this.#follow();
  }

  /** Names that were unknown may be known now. */
  #retry(): void {
    const act = async (): Promise<void> => {
      const names = [...this.#subscriptions].flatMap(([name, stream]) => (stream === undefined ? [name] : []));
      for (const name of names) this.#subscriptions.delete(name);
      await this.#subscribe(names);
    };
    this.#inOrder(act).catch(() => this.#client.session.close('serverError'));
  }

  /** All of them or none. @throws what the layer throws when it cannot subscribe. */
  async #open(names: readonly string[]): Promise<readonly (BinanceStream | undefined)[]> {
    const results = await Promise.allSettled(names.map((name) => this.#acquire(name)));
    const failed = results.find((result) => result.status === 'rejected');
    const opened = results.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
    if (failed === undefined) return opened;
    for (const stream of opened) if (stream !== undefined) this.#streams.release(stream);
    throw failed.reason;
  }

  /** A stream that the client may not follow is to it as one that does not exist. */
  #acquire(name: string): Promise<BinanceStream | undefined> {
    const isAllowed = this.#streams.isAllowed(name, this.#scope.grant);
    return isAllowed ? this.#streams.acquire(name) : Promise.resolve(undefined);
  }

  /** The newest of each, then all that follows: in one turn, so that nothing falls between. */
  #begin(opened: readonly (BinanceStream | undefined)[]): void {
    const index = variantIndex(this.#variant);
    const newest = opened.flatMap((stream) => stream?.newest(index) ?? []);
    if (newest.length > 0) this.#client.session.sendItems(newest);
    this.#follow();
  }

  /** Follows all subscriptions in the variant of now: a change costs the same whatever the number of streams. */
  #follow(): void {
    const index = variantIndex(this.#variant);
    const followed = [this.#streams.notices(index)];
    for (const stream of this.#subscriptions.values()) if (stream !== undefined) followed.push(stream.variant(index));
    this.#hub.setStreams(this.#client.session, followed);
  }

  #sendResult(result: string, id: string): void {
    this.#send(`{"result":${result},"id":${id}}`);
  }

  #send(text: string): void {
    this.#client.session.send(formatOf(this.#scope).message(Buffer.from(text)));
  }
}
