import type { Session, Snapshot, SubscribeOptions } from '@tickwire/hub';
import { closeCodes } from '@tickwire/protocol';
import type { Grant } from '../../access/grant.js';
import { maxChannelsOf } from '../../access/grant.js';
import { inTime } from '../../timing/deadlines.js';
import { ProtocolViolation } from './close-reasons.js';
import type { ConnectRequest } from './command.js';
import type { CentrifugeContext } from './context.js';
import { followTogether } from './follow-together.js';
import type { ConnectResult, RefreshResult, SubscribeResult } from './reply.js';
import { type SubscriptionStart, startOf, subscribeResult } from './subscription-start.js';
import type { Subscriptions } from './subscriptions.js';

export const serverVersion = 'tickwire';

/**
 * Starts what a client gets without asking; `reply` is called with the answer to its connect, in the instant from
 * which on nothing of it is missed.
 * @throws what the hub throws.
 */
export const startConnection = async (
  context: CentrifugeContext,
  session: Session,
  subscriptions: Subscriptions,
  request: ConnectRequest,
  grant: Grant,
  reply: (result: ConnectResult) => void,
): Promise<void> => {
  const { channels } = grant;
  const fields = connectFields(context, grant);
  if (channels.length === 0) return reply(fields);
  if (channels.length > maxChannelsOf(grant, context.config.maxChannels)) {
    throw new ProtocolViolation('more channels than allowed', closeCodes.channelLimit);
  }
  const starts = await inTime(context.answers, serverSideStarts(context, channels, request));
  const options = new Map<string, SubscribeOptions>();
  for (const [channel, { hubOptions }] of starts) options.set(channel, hubOptions);
  await followTogether(context.hub, session, options, context.answers, (snapshots) => {
    reply({ ...fields, subs: resultsOf(starts, snapshots) });
    for (const channel of channels) subscriptions.addServerSide(channel);
  });
};

export const connectFields = ({ newId, config, name }: CentrifugeContext, grant: Grant): ConnectResult => ({
  client: newId(),
  version: serverVersion,
  ...lifetimeOf(grant),
  ping: Math.ceil(config.pingMs / 1_000),
  pong: true,
  node: name,
  // SDKs do not show `node`.
  data: grant.data ?? { gateway: name },
});

/** A client sends a new token when this time is over. */
export const lifetimeOf = ({ expiresAtMs }: Grant): Pick<RefreshResult, 'expires' | 'ttl'> =>
  expiresAtMs === undefined ? {} : { expires: true, ttl: Math.max(1, Math.ceil((expiresAtMs - Date.now()) / 1_000)) };

/** The positions a client comes back with are those it sends for the channels it is given. */
const serverSideStarts = async (
  { history }: CentrifugeContext,
  channels: readonly string[],
  { subs }: ConnectRequest,
): Promise<ReadonlyMap<string, SubscriptionStart>> => {
  const starts = channels.map(async (channel) => {
    const known = subs[channel] ?? { recover: false, epoch: '', offset: 0 };
    const start = await startOf(known, {}, async () => {
      const [range] = await history.newest([channel], 0);
      return range?.position?.epoch;
    });
    return [channel, start] as const;
  });
  return new Map(await Promise.all(starts));
};

const resultsOf = (
  starts: ReadonlyMap<string, SubscriptionStart>,
  snapshots: ReadonlyMap<string, Snapshot>,
): Readonly<Record<string, SubscribeResult>> => {
  const results: Record<string, SubscribeResult> = {};
  for (const [channel, snapshot] of snapshots) {
    const start = starts.get(channel);
    if (start !== undefined) results[channel] = subscribeResult(snapshot, start, 0);
  }
  return results;
};
