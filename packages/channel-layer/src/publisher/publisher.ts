import {
  type Clock,
  createOwnChannels,
  createSystemClock,
  type GivenPublication,
  isGroupName,
  type OwnChannels,
} from '@tickwire/protocol';
import { LayerClosed, LayerRejected, LayerUnavailable, RedisOutOfMemory, RedisUnavailable } from '../errors.js';
import type { Message } from '../layer.js';
import { type BackendOptions, openBackend } from './backend.js';
import { createLanes, type Item, LaneFull, LaneLate } from './lanes.js';
import { checkOwn, type OwnPublication, type OwnRefusal, sendOwn } from './publish-own.js';
import { openPublisherCatalog, type PublisherCatalog, type PublisherCatalogOptions } from './publisher-catalog.js';
import { type OwnChannelsSource, readOwnChannels } from './read-own-channels.js';

export interface PublisherOptions extends BackendOptions {
  /**
   * What is published where, as `CHANNELS` of the gateways: patterns separated by commas, the path of a JSON file, or
   * what such a file holds. It must be the same as theirs, so that all keep as much and check the same.
   */
  readonly channels: OwnChannelsSource;
  /**
   * Makes this the single writer of each channel from its first publication there on. One that does the same later takes
   * the channel over, and this one's next publication there fails with ChannelTakenOver. A number is a token of your own,
   * as of a lease: the greater takes over. @default false: anybody with access to Redis may publish
   */
  readonly fence?: boolean | number;
  /** How long a publication waits for Redis, or is repeated where that is safe. @default 10_000 */
  readonly waitMs?: number;
  /** Size of one publication as JSON. @default 65_536 */
  readonly maxBytes?: number;
  /** Publications that wait, together, as JSON. @default 16_777_216 */
  readonly maxWaitingBytes?: number;
  /** Learns when Redis is away and is back, when publications find no room, and why symbols are not listed. */
  readonly onEvent?: (event: PublisherEvent) => void;
  /** @default the system's */
  readonly clock?: Clock;
}

export type PublisherEvent =
  | { readonly type: 'away'; readonly reason: string }
  | { readonly type: 'back'; readonly downMs: number }
  /** Symbols of prices cannot be announced: gateways list them later, or not. Publications are not affected. */
  | { readonly type: 'unlisted'; readonly error: unknown }
  /** The most symbols are listed already: this one and further ones can be followed, and are not listed. Once. */
  | { readonly type: 'catalog-full'; readonly venue: string; readonly symbol: string; readonly listed: number }
  /** Publications are rejected (`too-many-waiting`), since as many wait as `maxWaitingBytes` allows. */
  | { readonly type: 'full'; readonly waiting: number; readonly waitingBytes: number }
  /** Half of that is free again; so many were rejected meanwhile. */
  | { readonly type: 'room'; readonly rejected: number };

export interface PublishOptions {
  /**
   * Published once in the channel within an hour; repeats return the first position. With it a publication whose answer
   * was lost is repeated. 1 to 255 characters.
   */
  readonly idempotencyKey?: string;
  /** Publishes `data`, an object, as the fields of a message with this `type`, for handlers in Django. */
  readonly type?: string;
}

export interface PublishedAt {
  readonly seq: number;
  readonly epoch: string;
  /** The idempotency key was used before: this is where it was published then. */
  readonly isRepeat: boolean;
}

/** Why a publication was rejected. Nothing was published. */
export type RejectionReason = OwnRefusal | 'not-allowed' | 'too-large' | 'too-many-waiting' | 'timeout' | 'closed';

/** Nothing was published, and the same again would be rejected again, unless `reason` is about time or room. */
export class PublicationRejected extends Error {
  override readonly name = 'PublicationRejected';
  readonly code = 'PUBLICATION_REJECTED';
  readonly reason: RejectionReason;

  constructor(reason: RejectionReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface PublisherCounters {
  readonly published: number;
  readonly failed: number;
  /** Attempts after the first. */
  readonly repeats: number;
  readonly waiting: number;
  readonly waitingBytes: number;
  /** Symbols of prices that are not listed because the most are, or because as many wait for Redis. */
  readonly unlisted: number;
}

export interface Publisher {
  /**
   * Publishes on a channel of your own, in the order of the calls. Resolves when Redis has it.
   * @throws PublicationRejected, ChannelTakenOver, LayerRejected, RedisRefused: nothing was published. RedisOutOfMemory,
   *   RedisUnavailable: Redis was away for too long, or the answer was lost (`mayHaveRun`).
   */
  publish(channel: string, data: unknown, options?: PublishOptions): Promise<PublishedAt>;
  /** Publishes several: those of one channel in order, those of different channels at the same time. */
  publishAll(
    publications: readonly (PublishOptions & { readonly channel: string; readonly data: unknown })[],
  ): Promise<readonly PromiseSettledResult<PublishedAt>[]>;
  /**
   * The newest message that is kept of a channel: where a producer that starts again continues. Waits for Redis as a
   * publication does, behind those of the channel. @throws as publish, for the same reasons
   */
  newest(channel: string): Promise<Message | undefined>;
  readonly counters: PublisherCounters;
  /** Accepts no more, waits for what was accepted, and closes the connections. Idempotent. */
  close(): Promise<void>;
}

/** The pause before a repeat. */
const retryMs = 100;

/**
 * Publishes on channels of your own from Node.js, straight to Redis: what `POST /api/publish` does, without a gateway.
 * @throws InvalidOwnChannels, RangeError: options that cannot be used.
 */
export const createPublisher = (options: PublisherOptions): Publisher => {
  const { fence = false, waitMs = 10_000, maxBytes = 65_536, maxWaitingBytes = 16_777_216 } = options;
  const { onEvent = () => {}, clock = createSystemClock() } = options;
  const channels = createOwnChannels(readOwnChannels(options.channels));
  if (channels.rules.length === 0) throw new RangeError('channels names no channel to publish on');
  const tokenOf = createTokens(fence);
  const opening = openBackend(options);
  const lanes = createLanes({
    waitMs,
    maxWaitingBytes,
    retryMs,
    clock,
    mayRepeat,
    onFull: (waiting, waitingBytes) => onEvent({ type: 'full', waiting, waitingBytes }),
    onRoom: (rejected) => onEvent({ type: 'room', rejected }),
  });
  let catalog: PublisherCatalog | undefined;
  let published = 0;
  let failed = 0;
  let closing: Promise<void> | undefined;

  const opened = opening.then(({ backend }) => {
    backend.layer.onEvent((event) => {
      if (event.type === 'lost') onEvent({ type: 'away', reason: event.reason });
      if (event.type === 'restored') onEvent({ type: 'back', downMs: event.downMs });
    });
    const onUnlisted = (error: unknown): void => onEvent({ type: 'unlisted', error });
    const onFull: PublisherCatalogOptions['onFull'] = ({ venue, symbol }, listed) =>
      onEvent({ type: 'catalog-full', venue, symbol, listed });
    catalog = openPublisherCatalog({ ...backend, channels, onUnlisted, onFull });
    return { backend, catalog };
  });
  // Each publication reports it.
  opened.catch(() => {});

  const assertOpen = (): void => {
    if (closing !== undefined) throw new PublicationRejected('closed', 'the publisher is closed');
  };

  const send = async (publication: OwnPublication, key: string | undefined): Promise<PublishedAt> => {
    const { backend, catalog } = await opened;
    const message = { ...publication.message, pts: clock.wall() };
    const target = { publisher: backend.history, catalog };
    const sent = await sendOwn(target, { ...publication, message }, { key, fence: tokenOf.get(publication.channel) });
    if (sent.outcome !== 'published') throw new PublicationRejected(sent.outcome, sent.detail);
    tokenOf.took(publication.channel, sent.fence);
    return { ...sent.position, isRepeat: sent.isRepeat };
  };

  const publish: Publisher['publish'] = async (channel, data, { idempotencyKey, type } = {}) => {
    try {
      assertOpen();
      const given = givenOf(data, type);
      const sizeBytes = sizeOf(given, maxBytes);
      const publication = checked(channels, channel, given, clock.wall());
      checkKey(idempotencyKey);
      const item: Item = { lane: channel, sizeBytes, isRepeatable: idempotencyKey !== undefined };
      const at = await lanes.run(item, () => send(publication, idempotencyKey)).catch(asRejection);
      published += 1;
      return at;
    } catch (error) {
      failed += 1;
      throw error;
    }
  };

  return {
    publish,
    publishAll: (publications) =>
      Promise.allSettled(publications.map(({ channel, data, ...rest }) => publish(channel, data, rest))),
    async newest(channel) {
      assertOpen();
      assertAllowed(channels, channel);
      const read = async (): Promise<Message | undefined> => {
        const [range] = await (await opened).backend.history.newest([channel], 1);
        return range?.messages[0];
      };
      return lanes.run({ lane: channel, sizeBytes: 0, isRepeatable: true }, read).catch(asRejection);
    },
    get counters() {
      const { waiting, waitingBytes, repeats } = lanes;
      return { published, failed, repeats, waiting, waitingBytes, unlisted: catalog?.unlisted ?? 0 };
    },
    close() {
      closing ??= (async () => {
        await lanes.drained();
        const open = await opened.catch(() => undefined);
        await open?.catalog.close();
        await (await opening.catch(() => undefined))?.close();
      })();
      return closing;
    },
  };
};

/** The token of each channel: taken with the first publication there. */
const createTokens = (fence: boolean | number) => {
  if (typeof fence === 'number' && (!Number.isSafeInteger(fence) || fence < 1)) {
    throw new RangeError('fence must be a positive integer, true or false');
  }
  const taken = new Map<string, number>();
  return {
    get: (channel: string): number | 'new' | undefined => {
      if (fence === false) return undefined;
      return fence === true ? (taken.get(channel) ?? 'new') : fence;
    },
    took: (channel: string, token: number | undefined): void => {
      if (fence === true && token !== undefined) taken.set(channel, token);
    },
  };
};

const givenOf = (data: unknown, type: string | undefined): GivenPublication => {
  if (type === undefined) return { kind: 'data', data };
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new PublicationRejected('bad-request', 'data of a message with a type must be an object');
  }
  return { kind: 'message', message: { ...data, type } as Message };
};

const sizeOf = (given: GivenPublication, maxBytes: number): number => {
  const content = given.kind === 'data' ? given.data : given.message;
  let text: string | undefined;
  try {
    text = JSON.stringify(content);
  } catch (error) {
    throw new PublicationRejected('bad-request', `data is not JSON: ${(error as Error).message}`);
  }
  if (text === undefined) throw new PublicationRejected('bad-request', 'data is not JSON');
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) {
    throw new PublicationRejected('too-large', `data has ${bytes} bytes as JSON, and maxBytes is ${maxBytes}`);
  }
  return bytes;
};

const assertAllowed = (channels: OwnChannels, channel: string): void => {
  if (!isGroupName(channel)) {
    const form = '1 to 99 letters, digits, hyphens, underscores or periods';
    throw new PublicationRejected('bad-request', `the name of a channel must be ${form}`);
  }
  if (channels.find(channel) !== undefined) return;
  throw new PublicationRejected('not-allowed', `${channel} is not allowed: no pattern in channels matches it`);
};

const checked = (channels: OwnChannels, channel: string, given: GivenPublication, nowMs: number): OwnPublication => {
  assertAllowed(channels, channel);
  const publication = checkOwn(channels, channel, given, nowMs);
  if (publication === undefined) throw new TypeError(`${channel} has no rule`);
  if ('outcome' in publication) throw new PublicationRejected(publication.outcome, publication.detail);
  return publication;
};

const checkKey = (key: string | undefined): void => {
  if (key === undefined || (key.length >= 1 && key.length <= 255)) return;
  throw new PublicationRejected('bad-request', 'idempotencyKey must have 1 to 255 characters');
};

/** Whether the same may be sent again. What may have been published is not, unless its key makes that harmless. */
const mayRepeat = (error: unknown, { isRepeatable }: Item): boolean => {
  if (error instanceof LayerRejected) return false;
  if (error instanceof RedisUnavailable) return isRepeatable || !error.mayHaveRun;
  return error instanceof RedisOutOfMemory || error instanceof LayerUnavailable;
};

const asRejection = (error: unknown): never => {
  if (error instanceof LaneFull) throw new PublicationRejected('too-many-waiting', 'maxWaitingBytes are waiting');
  if (error instanceof LaneLate) throw new PublicationRejected('timeout', 'what was published before took too long');
  if (error instanceof LayerClosed) throw new PublicationRejected('closed', 'the layer is closed');
  throw error;
};
