import type { JoinRequests, Session, SubscribeOptions, Transport } from '@tickwire/hub';
import type { CloseReason } from '@tickwire/protocol';
import type { Random } from '@tickwire/protocol/testing';
import { type ChannelView, createChannelView } from './channel-view.js';
import type { ItemFormat } from './item-format.js';
import type { SimulatedGateway } from './simulated-gateway.js';
import type { Truth } from './truth.js';
import type { Task, VirtualTime } from './virtual-time.js';

/** One connection of a client, as a gateway sees it. */
export interface ClientConnection {
  readonly transport: Transport;
  readonly requests: JoinRequests;
  opened(session: Session): void;
}

export interface SimulatedClientOptions {
  readonly name: string;
  readonly channels: readonly string[];
  readonly intervalMs: number | undefined;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly truth: Truth;
  readonly format: ItemFormat;
  /** Some gateway that takes clients now. */
  readonly findGateway: () => SimulatedGateway | undefined;
}

/** A client that always wants to be connected, and asks for what it missed. */
export interface SimulatedClient {
  readonly views: ReadonlyMap<string, ChannelView>;
  readonly isConnected: boolean;
  readonly read: number;
  connect(): void;
  /** Goes away without a word. */
  disconnect(): void;
  /** Reads nothing from now on: its socket is full. */
  block(): void;
  /** Reads on. */
  unblock(): void;
  /** Where its gateway is gone, it notices. */
  lookAround(): void;
}

export const createSimulatedClient = (options: SimulatedClientOptions): SimulatedClient => {
  const { name, channels, intervalMs, time, random, truth, format, findGateway } = options;
  const isConflated = intervalMs !== undefined;
  const views = new Map(
    channels.map((channel) => [channel, createChannelView({ client: name, channel, truth, isConflated })]),
  );
  let gateway: SimulatedGateway | undefined;
  let session: Session | undefined;
  let retry: Task | undefined;
  /** Changes with each; what an older one brings is not read any more. */
  let connection = 0;
  let isBlocked = false;
  /** Bytes that stand in the socket of the gateway. */
  let waiting: Uint8Array[] = [];

  const readBytes = (bytes: Uint8Array): void => {
    for (const item of format.decode(bytes)) {
      client.read += 1;
      if (item.kind === 'snapshot') views.get(item.snapshot.channel)?.snapshot(item.snapshot);
      else if (item.kind === 'notice') views.get(item.notice.channel)?.notice(item.notice);
      else views.get(item.publication.channel)?.publication(item.publication, item.skipped);
    }
  };

  const leave = (): void => {
    connection += 1;
    gateway = undefined;
    session = undefined;
    client.isConnected = false;
    waiting = [];
  };

  const connectSoon = (): void => {
    if (retry !== undefined) return;
    retry = time.world(50 + random.next() * 500, () => {
      retry = undefined;
      connect();
    });
  };

  const requestOf = (view: ChannelView): SubscribeOptions => ({
    ...(view.position !== undefined && random.chance(0.9) && { since: view.position }),
    ...(intervalMs !== undefined && { intervalMs }),
  });

  const connect = (): void => {
    if (gateway !== undefined) return;
    const found = findGateway();
    if (found === undefined) {
      connectSoon();
      return;
    }
    gateway = found;
    for (const view of views.values()) view.reconnected();
    const requests: JoinRequests = new Map([...views].map(([channel, view]) => [channel, requestOf(view)]));
    let isOpen = true;
    connection += 1;
    const mine = connection;
    const transport: Transport = {
      write(bytes) {
        if (!isOpen) truth.violate(`${name}: bytes after the end`);
        if (mine !== connection) return true;
        if (!isBlocked) readBytes(bytes);
        else waiting.push(bytes);
        return !isBlocked;
      },
      close(_reason: CloseReason) {
        isOpen = false;
        if (mine !== connection) return;
        leave();
        connectSoon();
      },
    };
    const opened = (open: Session): void => {
      if (mine !== connection) {
        open.disconnected();
        return;
      }
      session = open;
      client.isConnected = true;
    };
    time.after(1 + random.next() * 3, () => found.accept({ transport, requests, opened }), found.process);
  };

  const client: SimulatedClient & { isConnected: boolean; read: number } = {
    views,
    isConnected: false,
    read: 0,
    connect,
    disconnect() {
      if (gateway === undefined || session === undefined) return;
      const gone = session;
      time.after(random.next() * 5, () => gone.disconnected(), gateway.process);
      leave();
      connectSoon();
    },
    block() {
      isBlocked = true;
    },
    unblock() {
      isBlocked = false;
      const late = waiting;
      waiting = [];
      for (const bytes of late) readBytes(bytes);
      const reader = session;
      if (gateway !== undefined && reader !== undefined) time.after(0, () => reader.drained(), gateway.process);
    },
    lookAround() {
      if (gateway?.process.isDead !== true) return;
      leave();
      connectSoon();
    },
  };
  return client;
};
