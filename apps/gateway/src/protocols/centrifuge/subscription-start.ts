import type { Hub, Session, Snapshot, SubscribeOptions } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';
import { rejectUnrecoveredFlag, type SubscribeRequest } from './command.js';
import { CommandRefused, errorReplies } from './error-replies.js';
import type { SubscribeResult } from './reply.js';
import type { ClientOptions } from './subscribe-options.js';

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
  { intervalMs, last = 0 }: ClientOptions,
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

/** The reply to a subscribe, from the snapshot with which it begins. @throws CommandRefused (112) where asked for. */
export const subscribeResult = (
  { publications, position, recovered }: Snapshot,
  { hubOptions, wasRecovering, isStream }: SubscriptionStart,
  flag: number,
): SubscribeResult => {
  const isRecovered = isStream ? recovered : wasRecovering && publications.length > 0;
  if (wasRecovering && !isRecovered && (flag & rejectUnrecoveredFlag) !== 0) {
    throw new CommandRefused(errorReplies.unrecoverablePosition);
  }
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

/**
 * Where a position could not be recovered, the hub begins with one publication at most: who asked for more gets them
 * from another snapshot, taken like this.
 */
export const afresh = (options: SubscribeOptions, { recovered }: Snapshot): SubscribeOptions | undefined => {
  const { since, ...others } = options;
  return since !== undefined && !recovered && (options.last ?? 1) > 1 ? others : undefined;
};

/** Thrown out of a snapshot in whose place another one is to be taken. */
class Unrecovered extends Error {
  override readonly name = 'Unrecovered';
  readonly code = 'UNRECOVERED';
  readonly next: SubscribeOptions;

  constructor(next: SubscribeOptions) {
    super('unrecovered');
    this.next = next;
  }
}

/**
 * Follows a channel from the start asked for; `onResult` is called in the instant from which on nothing is missed, or
 * never when it was called off before.
 * @throws CommandRefused, or what the hub throws.
 */
export const follow = async (
  hub: Hub,
  session: Session,
  channel: string,
  start: SubscriptionStart,
  flag: number,
  onResult: (result: SubscribeResult) => void,
): Promise<void> => {
  try {
    await hub.subscribe(session, channel, start.hubOptions, (snapshot) => {
      const next = afresh(start.hubOptions, snapshot);
      if (next !== undefined) throw new Unrecovered(next);
      onResult(subscribeResult(snapshot, start, flag));
    });
  } catch (error) {
    if (!(error instanceof Unrecovered)) throw error;
    await hub.subscribe(session, channel, error.next, (snapshot) => onResult(subscribeResult(snapshot, start, flag)));
  }
};
