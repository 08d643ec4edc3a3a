import type { Centrifuge } from 'centrifuge';
import type { MessageOf } from './channels.js';

export interface Follower<Message> {
  /** `skipped`: number of messages left out before it because this client read too slowly. */
  readonly onMessage: (message: Message, skipped: number) => void;
  /** Messages before the next one are lost. */
  readonly onLoss?: () => void;
  /** The subscription ended for good, for example because there is no such channel. */
  readonly onEnd?: (reason: string) => void;
}

export interface FollowOptions {
  /** Begins with this many of the newest messages. @default 0 */
  readonly last?: number;
  /** At most one message, the newest, in this time. @default every message */
  readonly intervalMs?: number;
}

/**
 * Follows a channel; returns a function that stops it. Messages missed while disconnected are recovered, or reported as
 * a loss.
 * @throws what the SDK throws if this client follows the channel already
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
