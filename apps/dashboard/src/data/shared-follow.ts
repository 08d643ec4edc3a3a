import type { Problem } from '../model/problem.js';
import type { FollowOptions, LiveClient, Received, Start } from './live-client.js';

type Follow = LiveClient['follow'];

interface Follower {
  readonly options: FollowOptions;
  readonly onMessage: (received: Received<unknown>) => void;
  /** Publications that arrived while the past was read for a new follower; they follow it. */
  held?: Received<unknown>[];
}

interface SharedChannel {
  readonly followers: Set<Follower>;
  end: () => void;
  refusal?: readonly [problem: Problem, code: number];
}

/** Reading takes a round trip; beyond this, order is lost rather than messages. */
const maxHeld = 1_000;

/**
 * Several parts of the page may follow one channel: the connection subscribes once, with the options of the first. A
 * later one begins with the newest of history, as many as it asked for.
 */
export const shareFollows = (open: Follow, readBack: LiveClient['readBack']): Follow => {
  const channels = new Map<string, SharedChannel>();

  const deliver = (follower: Follower, received: Received<unknown>): void => {
    if (follower.held === undefined || follower.held.length >= maxHeld) follower.onMessage(received);
    else follower.held.push(received);
  };

  const openShared = (channel: string, first: Follower): SharedChannel => {
    const shared: SharedChannel = { followers: new Set([first]), end: () => {} };
    const onStart = (start: Start): void => {
      for (const { options } of shared.followers) options.onStart?.(start);
    };
    const onRefused = (problem: Problem, code: number): void => {
      shared.refusal = [problem, code];
      for (const { options } of shared.followers) options.onRefused?.(problem, code);
    };
    channels.set(channel, shared);
    shared.end = open<unknown>(channel, { ...first.options, onStart, onRefused }, (received) => {
      for (const follower of shared.followers) deliver(follower, received);
    });
    return shared;
  };

  const join = async (channel: string, { followers, refusal }: SharedChannel, joining: Follower): Promise<void> => {
    joining.held = [];
    followers.add(joining);
    if (refusal !== undefined) joining.options.onRefused?.(...refusal);
    joining.options.onStart?.('fresh');
    const { last = 0 } = joining.options;
    // A past that cannot be read is left out, as for any follower.
    const past = last === 0 ? [] : await readBack<unknown>(channel, last).catch(() => []);
    const held = joining.held;
    delete joining.held;
    if (!followers.has(joining)) return;
    const newest = past[0]?.seq ?? 0;
    for (const received of [...past].reverse()) joining.onMessage(received);
    for (const received of held) if (received.seq === 0 || received.seq > newest) joining.onMessage(received);
  };

  return <Message>(channel: string, options: FollowOptions, onMessage: (received: Received<Message>) => void) => {
    const follower: Follower = { options, onMessage: (received) => onMessage(received as Received<Message>) };
    const known = channels.get(channel);
    const shared = known ?? openShared(channel, follower);
    if (known !== undefined) void join(channel, known, follower);
    return () => {
      shared.followers.delete(follower);
      if (shared.followers.size > 0 || channels.get(channel) !== shared) return;
      channels.delete(channel);
      shared.end();
    };
  };
};
