import type { Snapshot, SubscribeOptions } from '@tickwire/hub';
import { maxIntervalMs, minIntervalMs } from '@tickwire/hub';
import { type CloseCode, closeCodes, type Position, parseChannelName, withReason } from '@tickwire/protocol';
import { z } from 'zod';
import type { Client, Consumer, ConsumerType, GatewayContext, Scope } from './consumer.js';
import { plainJsonFormats } from './plain-json-format.js';
import { plainJsonItem } from './plain-json-item.js';
import type { PredictionStreams } from './prediction-streams.js';
import { parseSince } from './since.js';

/** How long a client waits for a producer that has not told its symbols yet. */
const catalogDeadlineMs = 5_000;
const maxLast = 1_000;

const whole = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number)
    .optional();

const queryOptions = z.object({
  interval: whole(minIntervalMs, maxIntervalMs),
  last: whole(0, maxLast),
  batch: z.enum(['0', '1'], { error: 'must be 0 or 1' }).optional(),
});

/**
 * `/ws/prediction/`: a price every second without being asked (`?symbol=`, `?venue=`), or every publication of the
 * channels named (`?channels=a,b`, with `interval`, `last`, `batch` and `since`). Documented in docs/protocols/plain-json.md.
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
  { query }: Scope,
): Consumer => {
  const { session } = client;

  const refuse = (closeCode: CloseCode, reason: string): void => client.close(withReason(closeCode, reason));

  const followPrediction = async (): Promise<void> => {
    const symbol = query.get('symbol') ?? undefined;
    const venue = query.get('venue') ?? undefined;
    const known = await catalog.known(catalogDeadlineMs);
    if (session.isClosed) return;
    const entry = catalog.find(symbol, venue);
    if (known.length === 0) {
      refuse(closeCodes.noPricesYet, 'no prices yet: the producer has not started');
    } else if (entry === undefined) {
      refuse(
        closeCodes.unknownSymbol,
        `unknown symbol ${symbol ?? ''} ${venue ? `at ${venue}` : ''}: see /api/symbols`,
      );
    } else {
      const stream = await streams.open(entry);
      if (session.isClosed) return;
      if (stream.newest !== undefined) session.sendItems([stream.newest]);
      hub.followStream(session, stream);
    }
  };

  const follow = (name: string, options: SubscribeOptions, since: Position | undefined): Promise<void> => {
    if (since === undefined) {
      return hub.subscribe(session, name, options, ({ publications }) => session.sendItems(publications));
    }
    return hub.subscribe(session, name, { ...options, since }, (snapshot) => {
      session.sendItems([recoveredItem(name, snapshot), ...snapshot.publications]);
    });
  };

  const followChannels = async (
    names: readonly string[],
    options: SubscribeOptions,
    since: ReadonlyMap<string, Position>,
  ): Promise<void> => {
    // A producer that has not told its symbols yet may still come: then any well-formed name will do.
    for (const name of names) {
      const address = parseChannelName(name);
      if (address === undefined || (catalog.entries.length > 0 && !catalog.has(address))) {
        refuse(closeCodes.unknownChannel, `unknown channel ${name}`);
        return;
      }
    }
    await Promise.all(names.map((name) => follow(name, options, since.get(name))));
  };

  return {
    async connect() {
      const channels = query.get('channels');
      if (channels === null) return followPrediction();
      const names = [...new Set(channels.split(',').filter((name) => name !== ''))];
      if (names.length === 0) return refuse(closeCodes.badRequest, 'channels is empty');
      if (names.length > config.maxChannels) {
        return refuse(closeCodes.channelLimit, `more than ${config.maxChannels} channels`);
      }
      const parsed = queryOptions.safeParse(Object.fromEntries(query));
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        return refuse(closeCodes.badRequest, `${String(issue?.path[0])} ${issue?.message}`);
      }
      const since = parseSince(query.get('since') ?? '');
      if (since === undefined) return refuse(closeCodes.badRequest, 'since must be <channel>:<epoch>:<seq>,…');
      const { interval, last } = parsed.data;
      const options = {
        ...(interval !== undefined && { intervalMs: interval }),
        ...(last !== undefined && { last }),
      };
      return followChannels(names, options, since);
    },
    receive() {
      // The original page never sends; what it might send means nothing yet.
    },
    disconnect() {},
  };
};

/** Told first to a client that came back: whether all it missed follows, and where the channel stands then. */
const recoveredItem = (channel: string, { recovered, position }: Snapshot) =>
  plainJsonItem({ type: 'channel.recovered', channel, recovered, ...(position !== undefined && { position }) });
