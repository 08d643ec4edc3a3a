import { type CloseCode, channelName, closeCodes, withReason } from '@tickwire/protocol';
import { maxChannelsOf } from '../access/grant.js';
import type { CatalogEntry } from '../catalog.js';
import type { Client, Consumer, ConsumerType, GatewayContext, Scope } from './consumer.js';
import { plainJsonFormats } from './plain-json-format.js';
import { plainJsonItem } from './plain-json-item.js';
import { type PlainJsonRequest, parsePlainJsonRequest } from './plain-json-request.js';
import { createPredictionChannels, type Greeting } from './prediction-channels.js';
import { parseChannelQuery } from './prediction-query.js';
import type { PredictionStreams } from './prediction-streams.js';

/** How long a client waits for a producer that has not told its symbols yet. */
const catalogDeadlineMs = 5_000;
/** Of a channel: that of a Channels group. */
const maxNameLength = 99;
/** Messages of a client that may wait for one that is being carried out. */
const maxWaiting = 64;

/**
 * `/ws/prediction/`: a price every second without being asked (`?symbol=`, `?venue=`), or every publication of the
 * channels named in the URL (`?channels=a,b`) or in messages. Documented in docs/protocols/plain-json.md.
 */
export const predictionConsumer = (context: GatewayContext, streams: PredictionStreams): ConsumerType => ({
  name: 'prediction',
  format: ({ query, isCompressed }) => {
    const isBatch = query.has('channels') && query.get('batch') === '1';
    if (isBatch) return isCompressed ? plainJsonFormats.batchCompressed : plainJsonFormats.batch;
    return isCompressed ? plainJsonFormats.singleCompressed : plainJsonFormats.single;
  },
  create: (client, scope) => createPredictionConsumer(context, streams, client, scope),
});

const createPredictionConsumer = (
  { hub, catalog, config }: GatewayContext,
  streams: PredictionStreams,
  client: Client,
  { query, grant }: Scope,
): Consumer => {
  const { session } = client;
  const maxChannels = maxChannelsOf(grant, config.maxChannels);
  const channels = createPredictionChannels(hub, catalog, session);
  /** The price every second: until the client asks for something else. */
  let price: { streamName?: string } | undefined;
  let working: Promise<void> = Promise.resolve();
  let waiting = 0;

  const refuse = (closeCode: CloseCode, reason: string): void => client.close(withReason(closeCode, reason));
  const tell = (message: Readonly<Record<string, unknown>>): void => session.sendItems([plainJsonItem(message)]);

  /** It is made of both. */
  const mayFollowPrice = ({ venue, symbol }: CatalogEntry): boolean =>
    (['ticker', 'forecast'] as const).every((kind) => grant.maySubscribe(channelName(kind, venue, symbol)));

  const followPrice = async (): Promise<void> => {
    const wanted: { streamName?: string } = {};
    price = wanted;
    const isWanted = (): boolean => !session.isClosed && price === wanted;
    const symbol = query.get('symbol') ?? undefined;
    const venue = query.get('venue') ?? undefined;
    const known = await catalog.known(catalogDeadlineMs);
    if (!isWanted()) return;
    const entry = catalog.find(symbol, venue);
    if (known.length === 0) {
      refuse(closeCodes.noPricesYet, 'no prices yet: the producer has not started');
    } else if (entry === undefined) {
      const where = venue ? `at ${venue}` : '';
      refuse(closeCodes.unknownSymbol, `unknown symbol ${symbol ?? ''} ${where}: see /api/symbols`);
    } else if (!mayFollowPrice(entry)) {
      refuse(closeCodes.permissionDenied, `not allowed: the price of ${entry.symbol} at ${entry.venue}`);
    } else {
      const stream = await streams.open(entry);
      if (!isWanted()) return;
      if (stream.newest !== undefined) session.sendItems([stream.newest]);
      hub.followStream(session, stream);
      wanted.streamName = stream.name;
    }
  };

  const leavePrice = (): void => {
    if (price?.streamName !== undefined) hub.unsubscribe(session, price.streamName);
    price = undefined;
  };

  const followFromUrl = (names: string): Promise<void> | undefined => {
    const parsed = parseChannelQuery(names, query);
    if (typeof parsed === 'string') {
      refuse(closeCodes.badRequest, parsed);
      return undefined;
    }
    const unknown = parsed.names.find((name) => !channels.isKnown(name));
    const denied = parsed.names.find((name) => !grant.maySubscribe(name));
    if (parsed.names.length > maxChannels) {
      refuse(closeCodes.channelLimit, `more than ${maxChannels} channels`);
    } else if (unknown !== undefined) {
      refuse(closeCodes.unknownChannel, `unknown channel ${unknown}`);
    } else if (denied !== undefined) {
      refuse(closeCodes.permissionDenied, `not allowed: ${denied}`);
    } else {
      return channels.follow(parsed.names, parsed);
    }
    return undefined;
  };

  /** What is wrong with one channel costs only that one. */
  const isAllowed = (name: string): boolean => {
    let reason: string | undefined;
    if (!channels.isKnown(name)) reason = 'unknown channel: see /api/symbols';
    else if (!grant.maySubscribe(name)) reason = 'not allowed';
    else if (!channels.has(name) && channels.size >= maxChannels) reason = `more than ${maxChannels} channels`;
    // No longer than a name can be: what a client sends must not come back many times over.
    if (reason !== undefined) tell({ type: 'channel.refused', channel: name.slice(0, maxNameLength), reason });
    return reason === undefined;
  };

  const answer = async ({ subscribe, unsubscribe, ...options }: PlainJsonRequest): Promise<void> => {
    for (const name of unsubscribe) {
      channels.leave(name);
      tell({ type: 'channel.unsubscribed', channel: name });
    }
    if (subscribe.length === 0) return;
    leavePrice();
    // One by one, so that each that is allowed counts for the next.
    const joining: Promise<void>[] = [];
    for (const name of subscribe) if (isAllowed(name)) joining.push(channels.follow([name], options, subscribedItem));
    await Promise.all(joining);
  };

  /** One after the other: what a client asks first is done first. */
  const inOrder = (act: () => Promise<void> | undefined): Promise<void> => {
    if (waiting >= maxWaiting) {
      client.close(closeCodes.tooManyRequests);
      return working;
    }
    waiting += 1;
    working = working.then(async () => {
      waiting -= 1;
      if (!session.isClosed) await act();
    });
    return working;
  };

  return {
    connect() {
      const names = query.get('channels');
      return names === null ? followPrice() : inOrder(() => followFromUrl(names));
    },
    receive(data) {
      const request = parsePlainJsonRequest(data);
      if (typeof request !== 'string') {
        const more = request.subscribe.length + request.unsubscribe.length - 1;
        return client.admit(Math.max(0, more)) ? inOrder(() => answer(request)) : undefined;
      }
      tell({ type: 'error', reason: request });
      return undefined;
    },
    disconnect() {},
  };
};

/** Stands before the first publication of a channel that was asked for in a message. */
const subscribedItem: Greeting = (channel, { position }) =>
  plainJsonItem({ type: 'channel.subscribed', channel, ...(position !== undefined && { position }) });
