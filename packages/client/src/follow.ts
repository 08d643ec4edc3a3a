import type { Centrifuge } from 'centrifuge';
import type { MessageOf } from './channels.js';

export interface Follower<Message> {
  /** `skipped`: how many before it were left out because this client read too slowly. */
  readonly onMessage: (message: Message, skipped: number) => void;
  /** Something before the next message is missing for good. */
  readonly onLoss?: () => void;
  /** The subscription ended, and does not begin again by itself: there is no such channel, for one. */
  readonly onEnd?: (reason: string) => void;
}

export interface FollowOptions {
  /** Begins with the newest so many messages. @default 0 */
  readonly last?: number;
  /** At most one message in so many milliseconds, the newest. @default every message */
  readonly intervalMs?: number;
}

/**
 * Follows a channel; returns its undo. What is missed while the connection is away is recovered, or reported as a loss.
 * @throws what the SDK throws where this client follows the channel already
 */
export const follow = <Channel extends string>(
  client: Centrifuge,
  channel: Channel,
  { onMessage, onLoss, onEnd }: Follower<MessageOf<Channel>>,
  { last, intervalMs }: FollowOptions = {},
): (() => void) => {
  const data = { ...(last !== undefined && { last }), ...(intervalMs !== undefined && { interval: intervalMs }) };
  const subscription = client.newSubscription(channel, { data });
  subscription.on('publication', ({ data: message, tags }) => onMessage(message, Number(tags?.['skipped'] ?? 0)));
  subscription.on('subscribed', ({ wasRecovering, recovered }) => {
    if (wasRecovering && !recovered) onLoss?.();
  });
  let isOver = false;
  subscription.on('unsubscribed', ({ reason }) => {
    if (!isOver) onEnd?.(reason);
  });
  subscription.subscribe();
  return () => {
    if (isOver) return;
    isOver = true;
    subscription.unsubscribe();
    client.removeSubscription(subscription);
  };
};
