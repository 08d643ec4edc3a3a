import type { Fleet } from '@tickwire/fleet';
import { type Clock, createSystemClock, createTimers } from '@tickwire/protocol';
import { z } from 'zod';
import { CommandRefused, errorReplies } from './error-replies.js';
import type { CountClients, LocalPresence } from './presence.js';

export interface SharedPresenceOptions {
  readonly fleet: Pick<Fleet, 'ask' | 'answer' | 'peers'>;
  readonly local: LocalPresence;
  /** How long a count is reused. @default 1_000 */
  readonly keepMs?: number;
  /** @default the system's */
  readonly clock?: Clock;
}

/** Counts the clients of a channel over all gateways that share a layer, by asking the other gateways. */
export interface SharedPresence {
  /** Rejects with `tooManyRequests` if very many channels are requested at once, or with what the layer throws. */
  readonly countClients: CountClients;
  close(): void;
}

const topic = 'presence';
/** Counts in progress or kept. */
const maxCounts = 10_000;
/**
 * Limits of the users that one gateway names: their number, and the length of their names. Further users are added as
 * if no other gateway knew them.
 */
const maxUsers = 10_000;
const maxNamesLength = 900_000;

const counted = z.object({ clients: z.int().min(0), users: z.array(z.string()), moreUsers: z.int().min(0) });

export const openSharedPresence = (options: SharedPresenceOptions): SharedPresence => {
  const { fleet, local, keepMs = 1_000, clock = createSystemClock() } = options;
  const counts = new Map<string, ReturnType<CountClients>>();
  const timers = createTimers(clock);

  fleet.answer(topic, (channel): z.infer<typeof counted> => {
    const users = [...local.users(channel)];
    const named = firstThatFit(users);
    return { clients: local.countClients(channel).clients, users: named, moreUsers: users.length - named.length };
  });

  const count = async (channel: string): Promise<{ clients: number; users: number }> => {
    const answers = await fleet.ask(topic, channel, counted);
    let { clients } = local.countClients(channel);
    let moreUsers = 0;
    const users = new Set(local.users(channel));
    for (const answer of answers) {
      clients += answer.clients;
      moreUsers += answer.moreUsers;
      for (const user of answer.users) users.add(user);
    }
    return { clients, users: users.size + moreUsers };
  };

  return {
    countClients(channel) {
      // Without other gateways there is nobody to ask.
      if (fleet.peers.size === 0) return local.countClients(channel);
      const known = counts.get(channel);
      if (known !== undefined) return known;
      if (counts.size >= maxCounts) throw new CommandRefused(errorReplies.tooManyRequests);
      const counting = count(channel);
      counts.set(channel, counting);
      timers.after(keepMs, () => counts.delete(channel));
      return counting;
    },
    close: timers.cancelAll,
  };
};

/** As many names as fit into a letter, in JSON. */
const firstThatFit = (users: readonly string[]): string[] => {
  let length = 0;
  const first = users.slice(0, maxUsers);
  const beyond = first.findIndex((user) => {
    length += JSON.stringify(user).length + 1;
    return length > maxNamesLength;
  });
  return beyond === -1 ? first : first.slice(0, beyond);
};
