import type { MessageCodec } from '../codec/codec.js';
import { PoisonMessage, UnknownChannel } from '../errors.js';
import type { LayerEvents } from '../events.js';
import type { GroupListener, Message, Unsubscribe } from '../layer.js';
import type { Mailbox } from '../mailbox/mailbox.js';
import { createLocalGroup, type LocalGroup } from '../memory/local-group.js';
import type { Hold, References } from './references.js';

/**
 * Who in this process wants what arrives: mailboxes by channel, members and listeners by group, each with its hold on
 * the subscription behind it. Local state changes in the turn of the call, so that the last of concurrent calls wins;
 * the promises are about the server.
 */
export interface LocalTraffic {
  /** Decodes once and hands it on. Bytes that are not a message are counted and reach nobody. */
  onMessage(address: string, payload: Uint8Array): void;
  /** Those of the addresses that are groups in use here, by their group names. */
  groupsOf(addresses: readonly string[]): string[];
  /** The channel's mailbox, opened if need be; resolves when what is sent to the channel arrives in it. */
  openChannel(name: string): Promise<Mailbox>;
  /** Ends its memberships and its mailbox, whose readers reject with the reason. */
  releaseChannel(name: string, reason: Error): Promise<void>;
  join(group: string, channel: string): Promise<void>;
  leave(group: string, channel: string): Promise<void>;
  listen(group: string, listener: GroupListener): Promise<Unsubscribe>;
  /** Releases all channels and listeners. */
  forgetAll(reasonFor: (channel: string) => Error): Promise<void>;
}

export interface LocalTrafficOptions {
  readonly codec: MessageCodec;
  readonly references: Pick<References, 'hold'>;
  readonly events: LayerEvents;
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
  /** Groups it is a member of. */
  readonly groups: Map<string, Hold>;
}

interface OpenGroup {
  readonly name: string;
  readonly local: LocalGroup;
}

export const createLocalTraffic = (options: LocalTrafficOptions): LocalTraffic => {
  const { codec, references, events, addressOf, newMailbox, groupExpiryMs, now } = options;
  const channels = new Map<string, OpenChannel>();
  /** By Redis channel. */
  const groups = new Map<string, OpenGroup>();
  /** Undoes of `listen`. */
  const listening = new Set<Unsubscribe>();

  const openGroup = (name: string): LocalGroup => {
    const address = addressOf(name);
    const known = groups.get(address);
    if (known !== undefined) return known.local;
    const local = createLocalGroup();
    groups.set(address, { name, local });
    return local;
  };

  const closeGroup = (name: string): void => {
    const address = addressOf(name);
    if (groups.get(address)?.local.isEmpty === true) groups.delete(address);
  };

  const leave = async (group: string, name: string): Promise<void> => {
    const channel = channels.get(name);
    const hold = channel?.groups.get(group);
    if (hold === undefined) return;
    channel?.groups.delete(group);
    groups.get(addressOf(group))?.local.discard(name);
    closeGroup(group);
    await hold.release();
  };

  const deliver = ({ name, local }: OpenGroup, message: Message, payload: Uint8Array): void => {
    for (const channel of local.expire(now())) void leave(name, channel);
    local.notify(message);
    // The payload is a window on what the socket gave, up to 64 KB that a mailbox would keep alive.
    if (local.hasMembers) local.push(Uint8Array.from(payload));
  };

  const releaseChannel = async (name: string, reason: Error): Promise<void> => {
    const channel = channels.get(name);
    if (channel === undefined) return;
    const left = [...channel.groups.keys()].map((group) => leave(group, name));
    channels.delete(name);
    channel.mailbox.close(reason);
    await Promise.all([...left, channel.hold.release()]);
  };

  return {
    onMessage(address, payload) {
      const group = groups.get(address);
      const channel = channels.get(address);
      // The last one left, and the server did not know yet.
      if (group === undefined && channel === undefined) return;
      let message: Message;
      try {
        message = codec.decode(payload);
      } catch (error) {
        if (!(error instanceof PoisonMessage)) throw error;
        events.count({ type: 'poison', address, reason: error.reason });
        return;
      }
      if (group !== undefined) deliver(group, message, payload);
      channel?.mailbox.push(Uint8Array.from(payload));
    },

    groupsOf: (addresses) => addresses.flatMap((address) => groups.get(address)?.name ?? []),

    async openChannel(name) {
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
        if (channels.get(name) === channel) await releaseChannel(name, error as Error);
        throw error;
      }
      return channel.mailbox;
    },

    releaseChannel,

    async join(group, name) {
      const channel = channels.get(name);
      if (channel === undefined) {
        throw new UnknownChannel(`${name} was not opened by this layer: it cannot be added to a group here`);
      }
      const hold = channel.groups.get(group) ?? references.hold(addressOf(group));
      channel.groups.set(group, hold);
      openGroup(group).add(name, channel.mailbox, now() + groupExpiryMs);
      try {
        await hold.ready;
      } catch (error) {
        if (channel.groups.get(group) === hold) await leave(group, name);
        throw error;
      }
    },

    leave,

    async listen(group, listener) {
      const stop = openGroup(group).listen(listener, (error) => events.emit({ type: 'listener-failed', group, error }));
      const hold = references.hold(addressOf(group));
      const undo = async (): Promise<void> => {
        if (!listening.delete(undo)) return;
        stop();
        closeGroup(group);
        await hold.release();
      };
      listening.add(undo);
      try {
        await hold.ready;
      } catch (error) {
        await undo();
        throw error;
      }
      return undo;
    },

    async forgetAll(reasonFor) {
      const released = [...channels.keys()].map((name) => releaseChannel(name, reasonFor(name)));
      await Promise.all([...released, ...[...listening].map((undo) => undo())]);
    },
  };
};
