import type { Channel } from './channel/channel.js';
import { IntervalStream } from './channel/interval-stream.js';
import type { LateChanges } from './fan-out/late-changes.js';
import type { Session } from './fan-out/session.js';
import type { Stream } from './fan-out/stream.js';

interface Subscription {
  readonly channel: Channel;
  readonly stream: Stream;
  /** The session has joined the stream; before that it waits for the right moment of an interval. */
  hasJoined: boolean;
  /** Ends the wait; undefined if there was none. */
  leave: (() => void) | undefined;
}

/** Joins in progress for a session and channel; they can still be cancelled. */
export interface Pending {
  readonly names: ReadonlySet<string>;
  isCancelled: boolean;
}

/** A channel and the stream of it that a session follows. */
export interface Followed {
  readonly channel: Channel;
  readonly stream: Stream;
}

/** One per session, so members that most sessions do not need are created on demand. */
interface FollowedBySession {
  channels: Map<string, Subscription> | undefined;
  /** Streams that consumers made. */
  streams: readonly Stream[];
  pending: Set<Pending> | undefined;
}

/** Records which session follows what. */
export interface Subscriptions {
  begin(session: Session, names: ReadonlySet<string>): Pending;
  end(session: Session, pending: Pending): void;
  /** Takes over one use of each channel and releases the uses of the subscriptions it replaces. */
  follow(session: Session, joined: readonly Followed[]): void;
  /** Follows exactly these streams of a consumer, beside the session's channels. */
  setStreams(session: Session, streams: readonly Stream[]): void;
  unfollow(session: Session, name: string): boolean;
  forget(session: Session): void;
}

export const createSubscriptions = (release: (channel: Channel) => void, change: LateChanges['put']): Subscriptions => {
  const bySession = new Map<Session, FollowedBySession>();

  const followedBy = (session: Session): FollowedBySession => {
    const known = bySession.get(session);
    if (known !== undefined) return known;
    const followed: FollowedBySession = { channels: undefined, streams: [], pending: undefined };
    bySession.set(session, followed);
    return followed;
  };

  const apply = (session: Session, followed: FollowedBySession, begun: readonly Stream[] = []): void => {
    if (!session.isClosed) change(session, () => streamsOf(followed), begun);
  };

  return {
    begin(session, names) {
      const pending = { names, isCancelled: false };
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

    follow(session, joined) {
      const followed = followedBy(session);
      followed.channels ??= new Map();
      const replaced: Subscription[] = [];
      // Streams that can be joined at once are joined together, in one step.
      let begun: Stream[] | undefined = [];
      for (const { channel, stream } of joined) {
        const before = followed.channels.get(channel.name);
        before?.leave?.();
        if (before !== undefined) replaced.push(before);
        const subscription: Subscription = { channel, stream, hasJoined: false, leave: undefined };
        followed.channels.set(channel.name, subscription);
        const join = (): void => {
          subscription.hasJoined = true;
          if (begun === undefined) apply(session, followed, [stream]);
          else begun.push(stream);
        };
        if (stream instanceof IntervalStream) subscription.leave = stream.join(join);
        else join();
      }
      const together = begun;
      begun = undefined;
      if (together.length > 0 || replaced.some(({ hasJoined }) => hasJoined)) apply(session, followed, together);
      for (const { channel } of replaced) release(channel);
    },

    setStreams(session, streams) {
      const followed = followedBy(session);
      const begun = streams.filter((stream) => !followed.streams.includes(stream));
      followed.streams = streams;
      apply(session, followed, begun);
    },

    unfollow(session, name) {
      const followed = bySession.get(session);
      if (followed === undefined) return false;
      let wasFollowing = false;
      for (const pending of followed.pending ?? []) {
        if (!pending.names.has(name) || pending.isCancelled) continue;
        pending.isCancelled = true;
        wasFollowing = true;
      }
      const subscription = followed.channels?.get(name);
      if (subscription === undefined) return wasFollowing;
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

const streamsOf = ({ channels, streams }: FollowedBySession): readonly Stream[] => {
  const all = [...streams];
  for (const { stream, hasJoined } of channels?.values() ?? []) if (hasJoined) all.push(stream);
  return all;
};
