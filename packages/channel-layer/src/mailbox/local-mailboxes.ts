import { UnknownChannel } from '../errors.js';
import type { LocalGroups, MailboxesHere } from '../redis/local-groups.js';
import type { Hold, References } from '../redis/references.js';
import type { Mailbox } from './mailbox.js';

/** The channels opened in this process, and their memberships, each with its hold on the subscription behind it. */
export interface LocalMailboxes extends MailboxesHere {
  /** Returns the channel's mailbox, opened if needed; resolves when messages sent to the channel arrive in it. */
  open(name: string): Promise<Mailbox>;
  /** Ends its memberships and its mailbox, whose readers reject with the reason. */
  release(name: string, reason: Error): Promise<void>;
  join(group: string, channel: string): Promise<void>;
  leave(group: string, channel: string): Promise<void>;
  releaseAll(reasonFor: (channel: string) => Error): Promise<void>;
}

export interface LocalMailboxesOptions {
  readonly references: Pick<References, 'hold'>;
  readonly groups: Pick<LocalGroups, 'open' | 'close'>;
  /** The Redis channel of a group. */
  readonly addressOf: (group: string) => string;
  readonly newMailbox: (channel: string) => Mailbox;
  readonly groupExpiryMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

interface OpenChannel {
  readonly mailbox: Mailbox;
  readonly hold: Hold;
  /** Groups that it is a member of. */
  readonly groups: Map<string, Hold>;
}

export const createLocalMailboxes = (options: LocalMailboxesOptions): LocalMailboxes => {
  const { references, groups, addressOf, newMailbox, groupExpiryMs, now } = options;
  const channels = new Map<string, OpenChannel>();

  const leave = async (group: string, name: string): Promise<void> => {
    const channel = channels.get(name);
    const hold = channel?.groups.get(group);
    if (hold === undefined) return;
    channel?.groups.delete(group);
    groups.open(group).discard(name);
    groups.close(group);
    await hold.release();
  };

  const release = async (name: string, reason: Error): Promise<void> => {
    const channel = channels.get(name);
    if (channel === undefined) return;
    const left = [...channel.groups.keys()].map((group) => leave(group, name));
    channels.delete(name);
    channel.mailbox.close(reason);
    await Promise.all([...left, channel.hold.release()]);
  };

  return {
    at: (address) => channels.get(address)?.mailbox,
    expired: (group, channel) => void leave(group, channel),

    async open(name) {
      const known = channels.get(name);
      if (known !== undefined) {
        await known.hold.ready;
        return known.mailbox;
      }
      const channel: OpenChannel = { mailbox: newMailbox(name), hold: references.hold(name), groups: new Map() };
      channels.set(name, channel);
      try {
        await channel.hold.ready;
      } catch (error) {
        if (channels.get(name) === channel) await release(name, error as Error);
        throw error;
      }
      return channel.mailbox;
    },

    release,

    async join(group, name) {
      const channel = channels.get(name);
      if (channel === undefined) {
        throw new UnknownChannel(`${name} was not opened by this layer: it cannot be added to a group here`);
      }
      const hold = channel.groups.get(group) ?? references.hold(addressOf(group));
      channel.groups.set(group, hold);
      groups.open(group).add(name, channel.mailbox, now() + groupExpiryMs);
      try {
        await hold.ready;
      } catch (error) {
        if (channel.groups.get(group) === hold) await leave(group, name);
        throw error;
      }
    },

    leave,

    async releaseAll(reasonFor) {
      await Promise.all([...channels.keys()].map((name) => release(name, reasonFor(name))));
    },
  };
};
