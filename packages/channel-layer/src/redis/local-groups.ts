import type { DecodedMessage, MessageCodec } from '../codec/codec.js';
import { PoisonMessage } from '../errors.js';
import type { LayerEvents } from '../events.js';
import type { GroupListener, Unsubscribe } from '../layer.js';
import type { Mailbox } from '../mailbox/mailbox.js';
import { createLocalGroup, type LocalGroup } from '../memory/local-group.js';
import type { References } from './references.js';

/**
 * The users in this process of each group's messages, with their holds on the subscription. Local state changes in the
 * turn of the call, so that the last of concurrent calls wins; the promises are about the server.
 */
export interface LocalGroups {
  /** Decodes once and passes the message on. Bytes that are not a message are counted and dropped. */
  onMessage(address: string, payload: Uint8Array): void;
  /** The group names of those addresses that are groups in use here. */
  groupsOf(addresses: readonly string[]): string[];
  listen(group: string, listener: GroupListener): Promise<Unsubscribe>;
  /** Ends everything that `listen` began. */
  forgetListeners(): Promise<void>;
  /** Returns the local state of the group, created if needed, for adding members. */
  open(group: string): LocalGroup;
  /** Removes the group if it is empty. */
  close(group: string): void;
}

/** The part of the mailboxes that incoming messages need. */
export interface MailboxesHere {
  /** The mailbox of the channel with this address. */
  at(address: string): Mailbox | undefined;
  /** The membership was not renewed in time. */
  expired(group: string, channel: string): void;
}

export interface LocalGroupsOptions {
  readonly codec: MessageCodec;
  readonly references: Pick<References, 'hold'>;
  readonly events: LayerEvents;
  readonly mailboxes: MailboxesHere;
  /** The Redis channel of a group. */
  readonly addressOf: (group: string) => string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

interface OpenGroup {
  readonly name: string;
  readonly local: LocalGroup;
}

export const createLocalGroups = (options: LocalGroupsOptions): LocalGroups => {
  const { codec, references, events, mailboxes, addressOf, now } = options;
  /** By Redis channel. */
  const groups = new Map<string, OpenGroup>();
  /** Functions that end `listen` subscriptions. */
  const listening = new Set<Unsubscribe>();

  const open = (name: string): LocalGroup => {
    const address = addressOf(name);
    const known = groups.get(address);
    if (known !== undefined) return known.local;
    const local = createLocalGroup();
    groups.set(address, { name, local });
    return local;
  };

  const close = (name: string): void => {
    const address = addressOf(name);
    if (groups.get(address)?.local.isEmpty === true) groups.delete(address);
  };

  const deliver = ({ name, local }: OpenGroup, { message, json }: DecodedMessage, payload: Uint8Array): void => {
    for (const channel of local.expire(now())) mailboxes.expired(name, channel);
    local.notify(message, json);
    // The payload is a view of the socket's data, up to 64 KB that a mailbox would keep alive.
    if (local.hasMembers) local.push(Uint8Array.from(payload));
  };

  return {
    onMessage(address, payload) {
      const group = groups.get(address);
      const mailbox = mailboxes.at(address);
      // The last user left, and the server did not know yet.
      if (group === undefined && mailbox === undefined) return;
      let decoded: DecodedMessage;
      try {
        decoded = codec.decodeWithJson(payload);
      } catch (error) {
        if (!(error instanceof PoisonMessage)) throw error;
        events.count({ type: 'poison', address, reason: error.reason });
        return;
      }
      if (group !== undefined) deliver(group, decoded, payload);
      mailbox?.push(Uint8Array.from(payload));
    },

    groupsOf: (addresses) => addresses.flatMap((address) => groups.get(address)?.name ?? []),

    async listen(group, listener) {
      const stop = open(group).listen(listener, (error) => events.emit({ type: 'listener-failed', group, error }));
      const hold = references.hold(addressOf(group));
      const undo = async (): Promise<void> => {
        if (!listening.delete(undo)) return;
        stop();
        close(group);
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

    async forgetListeners() {
      await Promise.all([...listening].map((undo) => undo()));
    },

    open,
    close,
  };
};
