import { type CatalogEntry, type CloseReason, channelName, closeCodes } from '@tickwire/protocol';
import { type Grant, maxChannelsOf } from '../../access/grant.js';
import type { RefusalReason } from '../../metrics/gateway-metrics.js';
import { showsAge } from '../channel-options.js';
import { type Client, type Consumer, type ConsumerType, type GatewayContext, isAway, type Scope } from '../consumer.js';
import { plainJsonFormat, plainJsonItem } from './plain-json-format.js';
import { type PlainJsonRequest, parsePlainJsonRequest } from './plain-json-request.js';
import { type Greeting, PredictionChannels } from './prediction-channels.js';
import { parseChannelQuery, problemOfNames } from './prediction-query.js';
import type { PredictionStreams } from './prediction-streams.js';

/** How long a client waits for a producer that has not published its symbols yet: a plain page does not reconnect. */
const catalogDeadlineMs = 30_000;
/** The longest name of a channel, as of a Channels group. */
const maxNameLength = 99;
/** Messages of a client that may wait for one in progress. */
const maxWaiting = 64;
/** Returned if there is nothing to wait for. */
const done = Promise.resolve();

/**
 * `/ws/prediction/`: a price every second without being asked (`?symbol=`, `?venue=`), or every publication of the
 * channels named in the URL (`?channels=a,b`) or in messages. Documented in docs/protocols/plain-json.md.
 */
export const predictionConsumer = (context: GatewayContext, streams: PredictionStreams): ConsumerType => ({
  name: 'prediction',
  closeCodes,
  format: ({ query, isCompressed }) => {
    const hasChannels = query.has('channels');
    return plainJsonFormat({
      isBatch: hasChannels && query.get('batch') === '1',
      isCompressed,
      showsAge: hasChannels && showsAge(query),
    });
  },
  create: (client, scope) => new PredictionConnection(context, streams, client, scope),
});

/** A class, because there is one per client: closures would cost memory for each. */
class PredictionConnection implements Consumer {
  readonly #context: GatewayContext;
  readonly #streams: PredictionStreams;
  readonly #client: Client;
  readonly #grant: Grant;
  readonly #channels: PredictionChannels;
  /** The parameters of the URL, until they are used. */
  #query: URLSearchParams | undefined;
  /** The price every second, until the client requests something else. */
  #price: { isFollowed: boolean } | undefined;
  #working: Promise<void> = done;
  #waiting = 0;

  constructor(context: GatewayContext, streams: PredictionStreams, client: Client, { query, grant }: Scope) {
    this.#context = context;
    this.#streams = streams;
    this.#client = client;
    this.#grant = grant;
    this.#query = query;
    this.#channels = new PredictionChannels(context.hub, client.session);
  }

  connect(): Promise<void> {
    const query = this.#query ?? new URLSearchParams();
    this.#query = undefined;
    const problem = problemOfNames(query);
    if (problem !== undefined) {
      this.#refuse('badRequest', problem);
      return done;
    }
    // Channels may be named in one parameter with commas, or in several.
    const names = query.has('channels') ? query.getAll('channels').join(',') : null;
    if (names !== null) return this.#inOrder(() => this.#followFromUrl(names, query));
    return this.#followPrice(query.get('symbol') ?? undefined, query.get('venue') ?? undefined);
  }

  receive(data: string | Uint8Array): Promise<void> | undefined {
    const request = parsePlainJsonRequest(data);
    if (typeof request === 'string') {
      this.#notify({ type: 'error', reason: request });
      return undefined;
    }
    const more = request.subscribe.length + request.unsubscribe.length - 1;
    return this.#client.admit(Math.max(0, more)) ? this.#inOrder(() => this.#answer(request)) : undefined;
  }

  disconnect(): void {}

  async #followPrice(symbol: string | undefined, venue: string | undefined): Promise<void> {
    const { hub, catalog, layerLoss } = this.#context;
    const { session } = this.#client;
    const wanted = { isFollowed: false };
    this.#price = wanted;
    const isWanted = (): boolean => !session.isClosed && this.#price === wanted;
    const known = await catalog.known(catalogDeadlineMs);
    if (!isWanted()) return;
    const entry = catalog.find(symbol, venue);
    if (known.length === 0 && layerLoss.reason !== undefined) {
      session.close('unavailable');
    } else if (known.length === 0) {
      this.#refuse('noPricesYet', 'no prices yet: the producer has not started');
    } else if (entry === undefined) {
      const where = venue ? ` at ${venue}` : '';
      this.#refuse('unknownSymbol', `unknown symbol ${symbol ?? ''}${where}: see /api/symbols`);
    } else if (!this.#mayFollowPrice(entry)) {
      this.#refuse('permissionDenied', `not allowed: the price of ${entry.symbol} at ${entry.venue}`);
    } else {
      const stream = await this.#streams.open(entry);
      if (!isWanted()) return;
      if (stream.newest !== undefined) session.sendItems([stream.newest]);
      hub.setStreams(session, [stream]);
      wanted.isFollowed = true;
    }
  }

  /** The price is made of both channels. */
  #mayFollowPrice({ venue, symbol }: CatalogEntry): boolean {
    return (['ticker', 'forecast'] as const).every((kind) =>
      this.#grant.maySubscribe(channelName(kind, venue, symbol)),
    );
  }

  #leavePrice(): void {
    if (this.#price?.isFollowed === true) this.#context.hub.setStreams(this.#client.session, []);
    this.#price = undefined;
  }

  #followFromUrl(names: string, query: URLSearchParams): Promise<void> | undefined {
    const parsed = parseChannelQuery(names, query);
    if (typeof parsed === 'string') {
      this.#refuse('badRequest', parsed);
      return undefined;
    }
    const unknown = parsed.names.find((name) => !this.#context.catalog.knows(name));
    const denied = parsed.names.find((name) => !this.#grant.maySubscribe(name));
    const { metrics } = this.#context;
    if (parsed.names.length > this.#maxChannels) {
      metrics.refused('channel-limit');
      this.#refuse('channelLimit', `more than ${this.#maxChannels} channels`);
    } else if (unknown !== undefined) {
      metrics.refused('unknown-channel');
      this.#refuse('unknownChannel', `unknown channel ${unknown}`);
    } else if (denied !== undefined) {
      metrics.refused('permission');
      this.#refuse('permissionDenied', `not allowed: ${denied}`);
    } else {
      this.#reportStray(parsed.names, parsed.since);
      return this.#channels.follow(parsed.names, parsed);
    }
    return undefined;
  }

  /** A slip in the name would be a recovery that is missing in silence. A client may well keep more positions than it uses. */
  #reportStray(names: readonly string[], since: ReadonlyMap<string, unknown>): void {
    const stray = [...since.keys()].find((name) => !names.includes(name));
    if (stray === undefined) return;
    const reason = `since names ${stray.slice(0, maxNameLength)}, which is not among the channels: nothing is recovered there`;
    this.#notify({ type: 'error', reason });
  }

  async #answer({ subscribe, unsubscribe, ...options }: PlainJsonRequest): Promise<void> {
    for (const name of unsubscribe) {
      this.#channels.leave(name);
      this.#notify({ type: 'channel.unsubscribed', channel: name });
    }
    this.#reportStray(subscribe, options.since);
    if (subscribe.length === 0) return;
    this.#leavePrice();
    // One by one: each channel that is allowed counts for the next.
    const joining: Promise<void>[] = [];
    for (const name of subscribe) {
      if (this.#isAllowed(name)) joining.push(this.#join(name, options));
    }
    await Promise.all(joining);
  }

  async #join(name: string, options: Omit<PlainJsonRequest, 'subscribe' | 'unsubscribe'>): Promise<void> {
    const wasFollowed = this.#channels.has(name);
    try {
      await this.#channels.follow([name], options, subscribedItem);
    } catch (error) {
      if (!isAway(error)) throw error;
      if (!wasFollowed) this.#channels.leave(name);
      this.#refuseChannel(name, 'unavailable', closeCodes.unavailable.reason);
    }
  }

  /** An error in one channel affects only that channel. */
  #isAllowed(name: string): boolean {
    const channels = this.#channels;
    if (!this.#context.catalog.knows(name)) {
      this.#refuseChannel(name, 'unknown-channel', 'unknown channel: see /api/symbols');
    } else if (!this.#grant.maySubscribe(name)) {
      this.#refuseChannel(name, 'permission', 'not allowed');
    } else if (!channels.has(name) && channels.size >= this.#maxChannels) {
      this.#refuseChannel(name, 'channel-limit', `more than ${this.#maxChannels} channels`);
    } else {
      return true;
    }
    return false;
  }

  #refuseChannel(name: string, counted: RefusalReason, reason: string): void {
    this.#context.metrics.refused(counted);
    // A client's text must not be echoed many times over: it is cut to the length of a name.
    this.#notify({ type: 'channel.refused', channel: name.slice(0, maxNameLength), reason });
  }

  get #maxChannels(): number {
    return maxChannelsOf(this.#grant, this.#context.config.maxChannels);
  }

  #refuse(reason: CloseReason, detail: string): void {
    this.#client.session.close(reason, detail);
  }

  #notify(message: Readonly<Record<string, unknown>>): void {
    this.#client.session.sendItems([plainJsonItem(message)]);
  }

  /** Messages are handled one after the other, in the order of their arrival. */
  #inOrder(act: () => Promise<void> | undefined): Promise<void> {
    const { session } = this.#client;
    if (this.#waiting >= maxWaiting) {
      session.close('tooManyRequests');
      return this.#working;
    }
    this.#waiting += 1;
    const work = this.#working.then(async () => {
      this.#waiting -= 1;
      if (!session.isClosed) await act();
    });
    this.#working = work;
    return work;
  }
}

/** Sent before the first publication of a channel that was requested in a message. */
const subscribedItem: Greeting = (channel, { position }) =>
  plainJsonItem({ type: 'channel.subscribed', channel, ...(position !== undefined && { position }) });
