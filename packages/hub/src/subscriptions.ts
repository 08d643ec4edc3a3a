import type { Channel } from './channel/channel.js';
import { IntervalStream } from './channel/interval-stream.js';
import type { Session } from './fan-out/session.js';
import type { Stream } from './fan-out/stream.js';

interface Subscription {
  readonly channel: Channel;
  readonly stream: Stream;
  /** The session is in the stream; before that it waits for the right moment of an interval. */
  hasJoined: boolean;
  /** Ends the wait; undefined where there was none. */
  leave: (() => void) | undefined;
}

/** A subscription on its way: it may be called off before it is there. */
export interface Pending {
  readonly name: string;
  isCancelled: boolean;
}

/** There is one for each session, so what most do not need is made when it is. */
interface Followed {
  channels: Map<string, Subscription> | undefined;
  /** Of consumers' own making, by name. */
  streams: Map<string, Stream> | undefined;
  pending: Set<Pending> | undefined;
}

/** Which session follows what. */
export interface Subscriptions {
  begin(session: Session, name: string): Pending;
  end(session: Session, pending: Pending): void;
  /** Takes over one use of the channel, and gives back that of a subscription it replaces. */
  follow(session: Session, channel: Channel, stream: Stream): void;
  followStream(session: Session, stream: Stream): void;
  unfollow(session: Session, name: string): boolean;
  forget(session: Session): void;
}

export const createSubscriptions = (release: (channel: Channel) => void): Subscriptions => {
  const bySession = new Map<Session, Followed>();

  const followedBy = (session: Session): Followed => {
    const known = bySession.get(session);
    if (known !== undefined) return known;
    const followed: Followed = { channels: undefined, streams: undefined, pending: undefined };
    bySession.set(session, followed);
    return followed;
  };

  const apply = (session: Session, { channels, streams }: Followed, begun?: Stream): void => {
    const all = streams === undefined ? [] : [...streams.values()];
    for (const { stream, hasJoined } of channels?.values() ?? []) if (hasJoined) all.push(stream);
    session.follow(all, begun);
  };

  const join = (session: Session, followed: Followed, subscription: Subscription): void => {
    subscription.hasJoined = true;
    apply(session, followed, subscription.stream);
  };

  return {
    begin(session, name) {
      const pending = { name, isCancelled: false };
      const followed = followedBy(session);
      followed.pending ??= new Set();
      followed.pending.add(pending);
      return pending;
    },

    end(session, pending) {
      const followed = bySession.get(session);
      followed?.pending?.delete(pending);
      if (followed?.pending?.size === 0) followed.pending = undefined;
    },

    follow(session, channel, stream) {
      const followed = followedBy(session);
      followed.channels ??= new Map();
      const replaced = followed.channels.get(channel.name);
      const subscription: Subscription = { channel, stream, hasJoined: false, leave: undefined };
      replaced?.leave?.();
      followed.channels.set(channel.name, subscription);
      if (stream instanceof IntervalStream) {
        subscription.leave = stream.join(() => join(session, followed, subscription));
      } else {
        join(session, followed, subscription);
      }
      if (!subscription.hasJoined && replaced?.hasJoined) apply(session, followed);
      if (replaced !== undefined) release(replaced.channel);
    },

    followStream(session, stream) {
      const followed = followedBy(session);
      followed.streams ??= new Map();
      followed.streams.set(stream.name, stream);
      apply(session, followed, stream);
    },

    unfollow(session, name) {
      const followed = bySession.get(session);
      if (followed === undefined) return false;
      let wasFollowing = false;
      for (const pending of followed.pending ?? []) {
        if (pending.name !== name || pending.isCancelled) continue;
        pending.isCancelled = true;
        wasFollowing = true;
      }
      const subscription = followed.channels?.get(name);
      if (subscription === undefined) {
        if (followed.streams?.delete(name) !== true) return wasFollowing;
        apply(session, followed);
        return true;
      }
      subscription.leave?.();
      followed.channels?.delete(name);
      apply(session, followed);
      release(subscription.channel);
      return true;
    },

    forget(session) {
      const followed = bySession.get(session);
      bySession.delete(session);
      for (const subscription of followed?.channels?.values() ?? []) {
        subscription.leave?.();
        release(subscription.channel);
      }
    },
  };
};
