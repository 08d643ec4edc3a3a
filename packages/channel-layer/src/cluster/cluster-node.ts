import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { type ConnectionEvents, openConnection, type RedisConnection } from '../redis/connection.js';
import type { RedisTarget } from '../redis/hosts.js';
import { createBackoff, createLink, type Link } from '../redis/link.js';
import type { ShardsSettings } from '../redis/shards.js';
import { type NodeLabel, splitLabel } from './cluster-slots.js';

/** How to log in to any node of the cluster. */
export interface ClusterAccess {
  readonly username?: string;
  readonly password?: string;
  readonly tls?: TlsOptions;
}

/** A master with three connections: publishing, reading and subscribing neither delay nor end each other. */
export interface ClusterNode {
  readonly label: NodeLabel;
  readonly host: string;
  /** Rejects when one of the connections cannot be opened; close the node then. Later losses are repaired. */
  start(): Promise<void>;
  /** @throws LayerUnavailable, at once, while there is no connection; LayerClosed. */
  publisher(): RedisConnection;
  /** See `publisher`. */
  reader(): RedisConnection;
  subscriber(): RedisConnection;
  readonly isUp: boolean;
  /** Drops both connections without waiting for the server: a server that hangs must not be heard again. */
  drop(reason: string): void;
  close(): Promise<void>;
}

export interface ClusterNodeEvents {
  readonly onMessage: ConnectionEvents['onMessage'];
  readonly onSubscriberDown: (reason: string) => void;
  /** Its subscriber cannot return: the node rejects this client, for a reason that was not reported since it went. */
  readonly onRejected: (reason: string) => void;
  readonly onWithdrawn: (held: ReadonlySet<string>) => void;
  /** A connection was opened or lost. */
  readonly onChange: () => void;
}

export const createClusterNode = (
  label: NodeLabel,
  access: ClusterAccess,
  settings: ShardsSettings,
  events: ClusterNodeEvents,
): ClusterNode => {
  const delayMs = createBackoff(settings.backoff);
  let rejection: string | undefined;
  const linkTo = (
    onMessage: ConnectionEvents['onMessage'],
    onDown: (reason: string) => void,
    onRejected?: (reason: string) => void,
  ): Link =>
    createLink({
      ...(onRejected && { onRejected }),
      label,
      open: (linkEvents, signal) =>
        openNodeConnection(label, access, settings, signal, { ...linkEvents, onWithdrawn: events.onWithdrawn }),
      onMessage,
      delayMs,
      prepare: async () => {},
      onDown(reason) {
        onDown(reason);
        events.onChange();
      },
      onUp: events.onChange,
    });
  const unheard = (): void => {};
  const publisher = linkTo(unheard, unheard);
  const reader = linkTo(unheard, unheard);
  const subscriber = linkTo(
    events.onMessage,
    (reason) => {
      rejection = undefined;
      events.onSubscriberDown(reason);
    },
    (reason) => {
      if (reason === rejection) return;
      rejection = reason;
      events.onRejected(reason);
    },
  );
  const links = [publisher, reader, subscriber];

  return {
    label,
    host: splitLabel(label).host,
    async start() {
      await Promise.all(links.map((link) => link.start()));
    },
    publisher: publisher.current,
    reader: reader.current,
    subscriber: subscriber.current,
    get isUp() {
      return links.every((link) => connectionOf(link) !== undefined);
    },
    drop(reason) {
      for (const link of links) link.drop(reason);
    },
    async close() {
      await Promise.all(links.map((link) => link.close()));
    },
  };
};

/** @throws LayerUnavailable with one sentence that names the node and the reason. */
export const openNodeConnection = (
  label: NodeLabel,
  access: ClusterAccess,
  settings: ShardsSettings,
  signal: AbortSignal,
  events: ConnectionEvents,
): Promise<RedisConnection> => {
  const { pingMs, connectMs, maxPending } = settings;
  const target: RedisTarget = { label, options: { ...access, ...splitLabel(label) } };
  return openConnection({ target, pingMs, connectMs, maxPending, signal, sharded: true }, events);
};

const connectionOf = (link: Link): RedisConnection | undefined => {
  try {
    return link.current();
  } catch {
    return undefined;
  }
};
