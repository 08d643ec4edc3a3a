import type { JoinRequests, Snapshot, Snapshots, SubscribeOptions } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';
import type { ChannelOptions } from '../channel-options.js';
import type { SubscribeRequest } from './command.js';
import type { SubscribeResult } from './reply.js';

/**
 * Stands for the epoch of a channel that has no history yet. No epoch equals it, so whoever comes back with it is told
 * that nothing could be recovered.
 */
export const noEpoch = '_';

/** How a subscription begins, by what the client asked for. */
export interface SubscriptionStart {
  readonly hubOptions: SubscribeOptions;
  readonly wasRecovering: boolean;
  /** With a position; without one only the newest publication is wanted. */
  readonly isStream: boolean;
}

/**
 * `recover` with neither epoch nor offset asks for the newest publication ("cache" recovery); with an epoch alone, for
 * everything in it; with an offset alone, for what follows it in whatever epoch there is, which `currentEpoch` finds.
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

/** The reply to a subscribe, from the snapshot with which it begins. */
export const subscribeResult = (
  { publications, position, recovered }: Snapshot,
  { hubOptions, wasRecovering, isStream }: SubscriptionStart,
): SubscribeResult => {
  const isRecovered = isStream ? recovered : wasRecovering && publications.length > 0;
  // At most one an interval: of what it missed, the newest.
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
 * Where a position could not be recovered, the hub begins with one publication at most: who asked for more gets them
 * from other snapshots, asked for like this. Undefined where these will do.
 */
export const retryOf = (asked: JoinRequests, snapshots: Snapshots): JoinRequests | undefined => {
  const isDue = ([channel, { since, last = 1 }]: readonly [string, SubscribeOptions]): boolean =>
    since !== undefined && last > 1 && snapshots.get(channel)?.recovered === false;
  if (![...asked].some(isDue)) return undefined;
  return new Map([...asked].map((request) => (isDue(request) ? afresh(request) : request)));
};

const afresh = ([channel, { since: _, ...others }]: readonly [string, SubscribeOptions]) => [channel, others] as const;
