import type { Session } from '@tickwire/hub';
import { type Grant, maxChannelsOf } from '../../access/grant.js';
import { ProtocolViolation } from './close-reasons.js';
import type { ConnectRequest } from './command.js';
import type { CentrifugeContext } from './context.js';
import { joinStarts } from './join-starts.js';
import type { ConnectResult, RefreshResult } from './reply.js';
import { type SubscriptionStarts, startOf } from './subscription-start.js';
import type { Subscriptions } from './subscriptions.js';

export const serverVersion = 'tickwire';

/** A client whose token was accepted. */
export interface ConnectingClient {
  readonly session: Session;
  readonly subscriptions: Subscriptions;
  readonly request: ConnectRequest;
  readonly grant: Grant;
}

/**
 * Starts the subscriptions that a client gets without asking. `reply` is called with the answer to its connect; from
 * that instant on nothing of them is missed.
 * @throws ProtocolViolation, or what the hub throws.
 */
export const startConnection = async (
  context: CentrifugeContext,
  { session, subscriptions, request, grant }: ConnectingClient,
  reply: (result: ConnectResult) => void,
): Promise<void> => {
  const { channels } = grant;
  const fields = connectFields(context, grant);
  if (channels.length === 0) return reply(fields);
  if (channels.length > maxChannelsOf(grant, context.config.maxChannels)) {
    throw new ProtocolViolation('too many channels', 'channelLimit');
  }
  const starts = await serverSideStarts(context, channels, request);
  await joinStarts(context, session, starts, (results) => {
    reply({ ...fields, subs: Object.fromEntries(results) });
    for (const channel of channels) subscriptions.addServerSide(channel);
    return true;
  });
};

export const connectFields = ({ newId, config, name, session }: CentrifugeContext, grant: Grant): ConnectResult => ({
  client: newId(),
  version: serverVersion,
  ...lifetimeOf(grant),
  ping: Math.ceil(config.pingMs / 1_000),
  pong: true,
  ...(session !== undefined && { session }),
  node: name,
  // SDKs do not show `node`.
  data: grant.data ?? { gateway: name },
});

/**
 * The field has 32 bits, and timers of SDKs have fewer: a client whose token lasts longer sends it again after a year.
 */
const maxTtlSeconds = 31_536_000;

/** A client sends a new token after this time. */
export const lifetimeOf = ({ expiresAtMs }: Grant): Pick<RefreshResult, 'expires' | 'ttl'> => {
  if (expiresAtMs === undefined) return {};
  const ttl = Math.ceil((expiresAtMs - Date.now()) / 1_000);
  return { expires: true, ttl: Math.min(maxTtlSeconds, Math.max(1, ttl)) };
};

/** The positions that a reconnecting client sends for its server-side channels. */
const serverSideStarts = async (
  { currentEpoch }: CentrifugeContext,
  channels: readonly string[],
  { subs }: ConnectRequest,
): Promise<SubscriptionStarts> => {
  const starts = channels.map(async (channel) => {
    const known = subs[channel] ?? { recover: false, epoch: '', offset: 0 };
    return [channel, await startOf(known, {}, () => currentEpoch(channel))] as const;
  });
  return new Map(await Promise.all(starts));
};
