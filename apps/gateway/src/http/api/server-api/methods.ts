import type { Hub, PublicationEncoder, Turns } from '@tickwire/hub';
import { isGroupName } from '@tickwire/protocol';
import type { SymbolCatalog } from '../../../catalog.js';
import type { OpenOwnChannels } from '../../../channels/open-own-channels.js';
import { CommandRefused, type ErrorReply, errorReplies } from '../../../protocols/centrifuge/error-replies.js';
import type { CountClients } from '../../../protocols/centrifuge/presence.js';
import { readHistory } from '../../../protocols/centrifuge/read-history.js';
import { dataOf } from '../../../protocols/json-text.js';
import { jsonBytes } from '../../../protocols/plain-json/plain-json-format.js';
import type { MayPublish } from '../api-key.js';
import { jsonWith, publicationTexts } from '../message-texts.js';
import { howToAllow, nameForm } from '../publish.js';
import { notOffered, type ServerMethod, type ServerRequests } from './requests.js';
import type { ServerNodes } from './server-nodes.js';

export interface ServerMethodsOptions {
  readonly hub: Pick<Hub, 'readHistory'>;
  readonly catalog: Pick<SymbolCatalog, 'knows'>;
  readonly own: Pick<OpenOwnChannels, 'channels' | 'publish'>;
  readonly countClients: CountClients;
  readonly nodes: ServerNodes;
  /** Channels that one broadcast names. */
  readonly maxChannels: number;
  readonly turns: Turns;
}

/** A publication as `history` returns it. Made once for all requests that ask for it at the same time. */
const inHistory: PublicationEncoder = {
  encodePublication: ({ message, position }) => jsonBytes({ data: dataOf(message), offset: position?.seq }),
};

/**
 * Carries out each method; the result has Centrifugo's shape, and is JSON already where it is large. What they throw:
 * CommandRefused, or what the layer throws.
 */
export type ServerMethods = {
  readonly [Method in ServerMethod]: (request: ServerRequests[Method], may: MayPublish) => Promise<object | Uint8Array>;
};

export const createServerMethods = (options: ServerMethodsOptions): ServerMethods => {
  const { hub, catalog, own, countClients, nodes, maxChannels, turns } = options;

  const requireKnown = (channel: string): void => {
    if (!catalog.knows(channel)) throw new CommandRefused(errorReplies.unknownChannel);
  };
  /** All methods but those that publish require `API_KEY`. */
  const requireMaster = (may: MayPublish): void => {
    if (!may(undefined)) throw new CommandRefused(errorReplies.permissionDenied);
  };

  const publish: ServerMethods['publish'] = async ({ channel, ...request }, may) => {
    const unused = notOffered(request);
    if (unused.length > 0) throw new CommandRefused(errorReplies.notAvailable, `not available: ${unused.join(', ')}`);
    // Absent and null differ here: null is JSON too.
    if (request.data === undefined) throw new CommandRefused(errorReplies.badRequest, 'bad request: data required');
    if (!isGroupName(channel)) throw new CommandRefused(errorReplies.unknownChannel, `channel must be ${nameForm}`);
    const rule = own.channels.find(channel);
    if (!may(rule)) throw new CommandRefused(errorReplies.permissionDenied);
    const key = request.idempotency_key === '' ? undefined : request.idempotency_key;
    const published = await own.publish(channel, { kind: 'data', data: request.data }, key);
    if (published?.outcome === 'published') {
      return { offset: published.position.seq, epoch: published.position.epoch };
    }
    if (published !== undefined) throw new CommandRefused(errorOf[published.outcome], published.detail);
    if (catalog.knows(channel))
      throw new CommandRefused(errorReplies.permissionDenied, `only the producer publishes on ${channel}`);
    throw new CommandRefused(errorReplies.unknownChannel, howToAllow(channel));
  };

  return {
    publish,
    async broadcast({ channels, ...publication }, may) {
      if (channels.length > maxChannels) throw new CommandRefused(errorReplies.limitExceeded);
      const responses: object[] = [];
      for (const channel of channels) {
        responses.push(await responseOf(publish({ channel, ...publication }, may)));
      }
      return { responses };
    },
    async history({ channel, limit, since, reverse }, may) {
      requireMaster(may);
      requireKnown(channel);
      const { publications, offset, epoch } = await hub.readHistory((history) =>
        readHistory(history, { channel, limit, since: since ?? undefined, reverse }),
      );
      const texts = await publicationTexts(publications, inHistory, turns);
      return jsonWith({ offset, epoch }, 'publications', texts);
    },
    async presence_stats({ channel }, may) {
      requireMaster(may);
      requireKnown(channel);
      const { clients, users } = await countClients(channel);
      return { num_clients: clients, num_users: users };
    },
    async channels({ pattern }, may) {
      requireMaster(may);
      const matches = globMatcher(pattern);
      const counted = [...(await nodes.channels())].filter(([channel]) => matches(channel));
      return { channels: Object.fromEntries(counted.map(([channel, count]) => [channel, { num_clients: count }])) };
    },
    async info(_request, may) {
      requireMaster(may);
      return { nodes: await nodes.info() };
    },
    async unsubscribe({ user, channel, client, session }, may) {
      requireMaster(may);
      if (session !== '') throw new CommandRefused(errorReplies.notAvailable, 'not available: session');
      await nodes.unsubscribe({ user, client, channel });
      return {};
    },
    async disconnect({ user, client, session, whitelist, disconnect }, may) {
      requireMaster(may);
      const code = disconnect?.code ?? 0;
      if (session !== '' || (code !== 0 && code !== forceDisconnectCode)) {
        throw new CommandRefused(errorReplies.notAvailable, 'not available: session, and codes other than 3503');
      }
      await nodes.disconnect({ user, client, whitelist, reason: disconnect?.reason ?? '' });
      return {};
    },
  };
};

const forceDisconnectCode = 3503;

const errorOf = {
  'bad-request': errorReplies.badRequest,
  'key-reused': errorReplies.badRequest,
  'has-producer': errorReplies.permissionDenied,
  'not-ours': errorReplies.notAvailable,
} as const satisfies Record<string, ErrorReply>;

/** A result, or the error reply; any other error is thrown. */
export const responseOf = async <T>(
  result: Promise<T>,
): Promise<{ readonly result: T } | { readonly error: object }> => {
  try {
    return { result: await result };
  } catch (error) {
    if (error instanceof CommandRefused) return { error: { code: error.reply.code, message: error.message } };
    throw error;
  }
};

/** `*` for any run of characters; empty for every channel. Takes time in proportion to both lengths. */
const globMatcher = (pattern: string): ((channel: string) => boolean) => {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (pattern === '') return () => true;
  if (last === undefined) return (channel) => channel === pattern;
  return (channel) => {
    if (!channel.startsWith(first)) return false;
    let at = first.length;
    for (const part of rest) {
      const found = channel.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return channel.length - last.length >= at && channel.endsWith(last);
  };
};
