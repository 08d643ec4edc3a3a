import type { Fleet } from '@tickwire/fleet';
import type { Hub } from '@tickwire/hub';
import { z } from 'zod';
import { CommandRefused, errorReplies } from '../../../protocols/centrifuge/error-replies.js';
import type { LocalClients } from '../../../protocols/centrifuge/local-clients.js';
import type { LocalPresence } from '../../../protocols/centrifuge/presence.js';

export interface ServerNodesOptions {
  readonly fleet: Pick<Fleet, 'id' | 'ask' | 'answer' | 'obey' | 'order' | 'peers'>;
  readonly hub: Pick<Hub, 'sessions' | 'channels'>;
  readonly presence: LocalPresence;
  readonly clients: LocalClients;
  /** The name of this gateway, different from those of the others. */
  readonly name: string;
  /** Whether gateways sign their orders: without it they carry out none. */
  readonly canOrder: boolean;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
}

const node = z.object({
  uid: z.string(),
  name: z.string(),
  version: z.string(),
  num_clients: z.int(),
  num_users: z.int(),
  num_channels: z.int(),
  num_subs: z.int(),
  uptime: z.int(),
});
const counts = z.record(z.string(), z.int().min(0));
const farewell = z.object({ user: z.string(), client: z.string(), whitelist: z.array(z.string()), reason: z.string() });

const leaving = z.object({ user: z.string(), client: z.string(), channel: z.string() });

export type ServerNode = z.infer<typeof node>;
export type Farewell = z.infer<typeof farewell>;
export type Leaving = z.infer<typeof leaving>;

/** What all gateways together know of clients, and do with them. */
export interface ServerNodes {
  info(): Promise<readonly ServerNode[]>;
  /** Connections that follow each channel. */
  channels(): Promise<ReadonlyMap<string, number>>;
  /** Closes the connections of a user. @throws CommandRefused where other gateways would not obey. */
  disconnect(farewell: Farewell): Promise<void>;
  /** Ends the subscriptions of a user to a channel. @throws CommandRefused where other gateways would not obey. */
  unsubscribe(leaving: Leaving): Promise<void>;
}

/** Channels that one gateway names. */
const maxChannels = 10_000;

export const createServerNodes = (options: ServerNodesOptions): ServerNodes => {
  const { fleet, hub, presence, clients, name, canOrder, now = () => performance.now() } = options;
  const startedAt = now();

  const ownNode = (): ServerNode => {
    let subs = 0;
    for (const channel of presence.channels()) subs += presence.countClients(channel).clients;
    return {
      uid: fleet.id,
      name,
      version: 'tickwire',
      num_clients: hub.sessions.size,
      num_users: clients.users,
      num_channels: hub.channels.size,
      num_subs: subs,
      uptime: Math.floor((now() - startedAt) / 1_000),
    };
  };
  const ownChannels = (): Record<string, number> =>
    Object.fromEntries(
      [...presence.channels()]
        .slice(0, maxChannels)
        .map((channel) => [channel, presence.countClients(channel).clients]),
    );
  const closeOwn = ({ user, client, whitelist, reason }: Farewell): void => {
    for (const { id, session } of clients.of(user)) {
      const isMeant = (client === '' || client === id) && !whitelist.includes(id);
      if (isMeant) session.close('forceDisconnect', reason === '' ? undefined : reason);
    }
  };

  const endOwn = ({ user, client, channel }: Leaving): void => {
    for (const each of clients.of(user)) if (client === '' || client === each.id) each.unsubscribe(channel);
  };
  const orderOthers = async (topic: string, order: object): Promise<void> => {
    for (const peer of fleet.peers) await fleet.order(peer, topic, JSON.stringify(order));
  };
  /** @throws CommandRefused */
  const requireObedience = (): void => {
    if (fleet.peers.size === 0 || canOrder) return;
    const why = 'not available: it needs ADMIN_TOKEN on the gateways';
    throw new CommandRefused(errorReplies.notAvailable, why);
  };

  fleet.answer('server-info', ownNode);
  fleet.answer('server-channels', ownChannels);
  fleet.obey('server-disconnect', (order) => {
    const parsed = farewell.safeParse(JSON.parse(order));
    if (parsed.success) closeOwn(parsed.data);
  });
  fleet.obey('server-unsubscribe', (order) => {
    const parsed = leaving.safeParse(JSON.parse(order));
    if (parsed.success) endOwn(parsed.data);
  });

  return {
    info: async () => [ownNode(), ...(await fleet.ask('server-info', '', node))],
    async channels() {
      const sums = new Map<string, number>();
      for (const counted of [ownChannels(), ...(await fleet.ask('server-channels', '', counts))]) {
        for (const [channel, count] of Object.entries(counted)) sums.set(channel, (sums.get(channel) ?? 0) + count);
      }
      return sums;
    },
    async disconnect(order) {
      requireObedience();
      closeOwn(order);
      await orderOthers('server-disconnect', order);
    },
    async unsubscribe(order) {
      requireObedience();
      endOwn(order);
      await orderOthers('server-unsubscribe', order);
    },
  };
};
