import type { Grant } from '../../../access/grant.js';
import type { CentrifugeContext } from '../context.js';
import { CommandRefused, errorReplies } from '../error-replies.js';
import { noEpoch, type SubscriptionStarts, startOf } from '../subscription-start.js';
import { parseEventId } from './event-id.js';
import type { UniRequest, UniWish } from './uni-request.js';

/** The most channels whose positions a `Last-Event-ID` header can hold beside a URL that names them. */
export const maxSseChannels = 256;

const noWish: UniWish = { recover: false, epoch: '', offset: 0, options: {} };

export interface UniStart {
  /** Sorted, so that an id is the same in whatever order the channels were requested. */
  readonly channels: readonly string[];
  readonly starts: SubscriptionStarts;
  readonly showsAge: boolean;
}

export interface UniStartOptions {
  readonly grant: Grant;
  /** The header `Last-Event-ID`; '' without one. */
  readonly lastEventId: string;
  readonly maxChannels: number;
}

/**
 * Decides where each channel begins: at the position in `Last-Event-ID`, or else at the one in the request.
 * @throws CommandRefused, ProtocolViolation, or what the history throws.
 */
export const planUniStart = async (
  context: CentrifugeContext,
  { wishes, showsAge }: UniRequest,
  { grant, lastEventId, maxChannels }: UniStartOptions,
): Promise<UniStart> => {
  const channels = [...new Set([...grant.channels, ...wishes.keys()])].sort();
  if (channels.length === 0) throw new CommandRefused(errorReplies.badRequest, 'no channel requested');
  if (channels.length > maxChannels) {
    throw new CommandRefused(errorReplies.limitExceeded, `more than ${maxChannels} channels`);
  }
  for (const channel of wishes.keys()) {
    context.requireChannel(channel);
    if (!grant.maySubscribe(channel)) throw new CommandRefused(errorReplies.permissionDenied);
  }
  const positions = lastEventId === '' ? undefined : parseEventId(lastEventId, channels);
  const planned = channels.map(async (channel) => {
    const wish = wishes.get(channel) ?? noWish;
    const known = positions?.get(channel);
    // If the id does not mention this channel, nothing can be recovered.
    const from = lastEventId === '' ? wish : { recover: true, epoch: known?.epoch ?? noEpoch, offset: known?.seq ?? 0 };
    return [channel, await startOf(from, wish.options, () => context.currentEpoch(channel))] as const;
  });
  return { channels, starts: new Map(await Promise.all(planned)), showsAge };
};
