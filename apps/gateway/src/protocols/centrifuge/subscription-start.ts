import type { JoinRequests, Snapshot, Snapshots, SubscribeOptions } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';
import type { ChannelOptions } from '../channel-options.js';
import type { SubscribeRequest } from './command.js';
import type { SubscribeResult } from './reply.js';

/**
 * Stands for the epoch of a channel without history. It equals no epoch, so a client that reconnects with it learns
 * that nothing could be recovered.
 */
export const noEpoch = '_';

/** How a subscription begins, depending on the client's request. */
export interface SubscriptionStart {
  readonly hubOptions: SubscribeOptions;
  readonly wasRecovering: boolean;
  /** With a position; otherwise only the newest publication is wanted. */
  readonly isStream: boolean;
}

/**
 * `recover` with neither epoch nor offset requests the newest publication ("cache" recovery). With an epoch alone it
 * requests everything in that epoch. With an offset alone it requests what follows the offset in the current epoch,
 * which `currentEpoch` finds.
 */
export const startOf = async (
  { recover, epoch, offset }: Pick<SubscribeRequest, 'recover' | 'epoch' | 'offset'>,
  { intervalMs, last = 0 }: ChannelOptions,
  currentEpoch: () => Promise<string | undefined>,
): Promise<SubscriptionStart> => {
  const interval = intervalMs === undefined ? {} : { intervalMs };
  if (!recover) return { hubOptions: { ...interval, last }, wasRecovering: false, isStream: false };
  if (epoch === '' && offset === 0) {
    return { hubOptions: { ...interval, last: Math.max(last, 1) }, wasRecovering: true, isStream: false };
  }
  const since: Position = { epoch: epoch === '' ? ((await currentEpoch()) ?? noEpoch) : epoch, seq: offset };
  return { hubOptions: { ...interval, since, last }, wasRecovering: true, isStream: true };
};

/** The reply to a subscribe, from the snapshot with which the subscription begins. */
export const subscribeResult = (
  { publications, position, recovered }: Snapshot,
  { hubOptions, wasRecovering, isStream }: SubscriptionStart,
): SubscribeResult => {
  const isRecovered = isStream ? recovered : wasRecovering && publications.length > 0;
  // At most one publication per interval: of the missed ones, the newest.
  const kept = isStream && hubOptions.intervalMs !== undefined ? publications.slice(-1) : publications;
  const first = kept[0]?.position?.seq;
  const offset = first === undefined ? (position?.seq ?? 0) : first - 1;
  return {
    recoverable: true,
    positioned: true,
    epoch: position?.epoch ?? noEpoch,
    ...(offset > 0 && { offset }),
    ...(wasRecovering && { was_recovering: true }),
    ...(isRecovered && { recovered: true }),
    ...(kept.length > 0 && { publications: kept }),
  };
};

export type SubscriptionStarts = ReadonlyMap<string, SubscriptionStart>;

export const requestsOf = (starts: SubscriptionStarts): JoinRequests =>
  new Map([...starts].map(([channel, { hubOptions }]) => [channel, hubOptions]));

/**
 * If a position could not be recovered, the hub begins with one publication at most. A client that requested more gets
 * them from other snapshots, which these requests are for. Undefined if the snapshots are sufficient.
 */
export const retryOf = (asked: JoinRequests, snapshots: Snapshots): JoinRequests | undefined => {
  const isDue = ([channel, { since, last = 1 }]: readonly [string, SubscribeOptions]): boolean =>
    since !== undefined && last > 1 && snapshots.get(channel)?.recovered === false;
  if (![...asked].some(isDue)) return undefined;
  return new Map([...asked].map((request) => (isDue(request) ? afresh(request) : request)));
};

const afresh = ([channel, { since: _, ...others }]: readonly [string, SubscribeOptions]) => [channel, others] as const;
