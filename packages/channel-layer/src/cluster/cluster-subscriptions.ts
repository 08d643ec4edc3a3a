import { LayerUnavailable } from '../errors.js';
import type { RedisConnection } from '../redis/connection.js';
import type { ShardsObserver } from '../redis/shards.js';
import type { ClusterNode } from './cluster-node.js';
import type { ClusterNodes } from './cluster-nodes.js';
import { hashSlot, maxRedirections, redirectionOf } from './cluster-slots.js';

/** The subscribing side of a cluster: each address on the current master of its slot. */
export interface ClusterSubscriptions {
  /** Resolves when the owner has acknowledged. Calls for one address take effect in the order of the calls. */
  subscribe(address: string): Promise<void>;
  unsubscribe(address: string): Promise<void>;
  /** The subscriber connection of a node is gone, with all its subscriptions. */
  onDown(node: ClusterNode, reason: string): void;
  /** A node whose subscriptions are lost rejects this client. */
  onRejected(node: ClusterNode, reason: string): void;
  /** A node ended subscriptions itself; `held` are left. */
  onWithdrawn(node: ClusterNode, held: ReadonlySet<string>): void;
  /** Nodes or slots have changed: subscribes lost addresses where that is possible now. */
  settle(): void;
  /** No wanted address is lost. */
  readonly isSettled: boolean;
}

type Nodes = Pick<ClusterNodes, 'ownerOf' | 'follow'>;

export interface ClusterSubscriptionsOptions extends Pick<ShardsObserver, 'onLost' | 'onRestored'> {
  readonly nodes: Nodes;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

interface Subscription {
  readonly slot: number;
  /** The node that has acknowledged it. */
  home: ClusterNode | undefined;
  /** When it was reported as lost; undefined once reported as restored. */
  lostAtMs: number | undefined;
}

/** SSUBSCRIBEs in progress on one node when it takes over. */
const chunkSize = 500;

export const createClusterSubscriptions = (options: ClusterSubscriptionsOptions): ClusterSubscriptions => {
  const { nodes, onLost, onRestored, now } = options;
  /** Addresses that should be subscribed, each with its latest `subscribe` call. */
  const wanted = new Map<string, Subscription>();
  /** The latest request for each address: the next one waits for it. */
  const turns = new Map<string, Promise<void>>();
  /** Nodes where lost subscriptions are being restored; true when more work has arrived since. */
  const restoring = new Map<ClusterNode, boolean>();

  const inTurn = (address: string, act: () => Promise<void>): Promise<void> => {
    const before = turns.get(address);
    // Without an earlier request it is sent in the turn of the call.
    const turn = before === undefined ? act() : before.then(act, act);
    turns.set(address, turn);
    const end = (): void => {
      if (turns.get(address) === turn) turns.delete(address);
    };
    turn.then(end, end);
    return turn;
  };

  const lose = (reason: string, isLost: (address: string, subscription: Subscription) => boolean): void => {
    const addresses: string[] = [];
    const atMs = now();
    for (const [address, subscription] of wanted) {
      if (subscription.home === undefined || !isLost(address, subscription)) continue;
      subscription.home = undefined;
      // An address not yet reported as restored is not lost a second time.
      if (subscription.lostAtMs !== undefined) continue;
      subscription.lostAtMs = atMs;
      addresses.push(address);
    }
    if (addresses.length > 0) onLost(addresses, reason);
  };

  /** Leaves former masters that still serve: as replicas they would carry messages for a while. */
  const leaveFormerOwners = (): void => {
    const left: { readonly address: string; readonly home: ClusterNode }[] = [];
    lose('the slot has another master', (address, { slot, home }) => {
      const owner = ownerOrNone(slot);
      if (home === undefined || owner === undefined || owner === home || !owner.isUp) return false;
      left.push({ address, home });
      return true;
    });
    for (const { address, home } of left) void inTurn(address, () => leave(address, home));
  };

  const ownerOrNone = (slot: number): ClusterNode | undefined => {
    try {
      return nodes.ownerOf(slot);
    } catch {
      return undefined;
    }
  };

  const restoreOne = (address: string, subscription: Subscription): Promise<void> =>
    inTurn(address, async () => {
      if (wanted.get(address) !== subscription || subscription.home !== undefined) return;
      subscription.home = await subscribeOnOwner(nodes, address, subscription.slot);
    });

  const reportRestored = (restored: readonly (readonly [address: string, subscription: Subscription])[]): void => {
    const byLoss = new Map<number, string[]>();
    for (const [address, subscription] of restored) {
      const { home, lostAtMs } = subscription;
      if (home === undefined || lostAtMs === undefined || wanted.get(address) !== subscription) continue;
      subscription.lostAtMs = undefined;
      byLoss.set(lostAtMs, [...(byLoss.get(lostAtMs) ?? []), address]);
    }
    for (const [lostAtMs, addresses] of byLoss) onRestored(addresses, now() - lostAtMs);
  };

  /** A failed address stays lost, so the slots are requested again, and each answer causes another attempt. */
  const restoreOn = async (node: ClusterNode): Promise<void> => {
    const lost = [...wanted].filter(
      ([, { slot, home, lostAtMs }]) => home === undefined && lostAtMs !== undefined && ownerOrNone(slot) === node,
    );
    for (let start = 0; start < lost.length && node.isUp; start += chunkSize) {
      await Promise.allSettled(lost.slice(start, start + chunkSize).map((entry) => restoreOne(...entry)));
    }
    reportRestored(lost);
  };

  const restore = async (node: ClusterNode): Promise<void> => {
    if (restoring.has(node)) {
      restoring.set(node, true);
      return;
    }
    do {
      restoring.set(node, false);
      await restoreOn(node);
    } while (restoring.get(node) === true);
    restoring.delete(node);
  };

  return {
    subscribe(address) {
      const subscription: Subscription = { slot: hashSlot(address), home: undefined, lostAtMs: undefined };
      wanted.set(address, subscription);
      return inTurn(address, async () => {
        try {
          subscription.home = await subscribeOnOwner(nodes, address, subscription.slot);
        } catch (error) {
          // Unless another `subscribe` was called since: that one is responsible now.
          if (wanted.get(address) === subscription) wanted.delete(address);
          throw error;
        }
      });
    },
    unsubscribe(address) {
      const subscription = wanted.get(address);
      wanted.delete(address);
      return inTurn(address, () => leave(address, subscription?.home));
    },
    onDown: (node, reason) => lose(reason, (_address, { home }) => home === node),
    onRejected(node, reason) {
      // Without a lost subscription no `restored` would follow.
      for (const { slot, home, lostAtMs } of wanted.values()) {
        if (home !== undefined || lostAtMs === undefined || ownerOrNone(slot) !== node) continue;
        onLost([], reason);
        return;
      }
    },
    onWithdrawn: (node, held) =>
      lose('its slot has moved to another node', (address, { home }) => home === node && !held.has(address)),
    settle() {
      leaveFormerOwners();
      const owners = new Set<ClusterNode>();
      for (const { slot, home, lostAtMs } of wanted.values()) {
        const owner = home === undefined && lostAtMs !== undefined ? ownerOrNone(slot) : undefined;
        if (owner?.isUp === true) owners.add(owner);
      }
      for (const owner of owners) void restore(owner);
    },
    get isSettled() {
      for (const { lostAtMs } of wanted.values()) if (lostAtMs !== undefined) return false;
      return true;
    },
  };
};

/**
 * A lost connection, or a node that lost the slot, has ended the subscription itself. If the connection stays but
 * cannot end it, the connection is dropped, because it would continue to deliver unwanted messages.
 */
const leave = async (address: string, home: ClusterNode | undefined): Promise<void> => {
  const connection = home && connectionOf(home);
  try {
    await connection?.unsubscribe([address]);
  } catch (error) {
    if (home === undefined || redirectionOf(error, home.host) !== undefined) return;
    if (connection === connectionOf(home)) connection?.drop('a subscription could not be ended');
  }
};

const connectionOf = (node: ClusterNode): RedisConnection | undefined => {
  try {
    return node.subscriber();
  } catch {
    return undefined;
  }
};

/** Subscribes on the owner of the slot, wherever it moves meanwhile. Resolves with the node that has acknowledged it. */
const subscribeOnOwner = async (nodes: Nodes, address: string, slot: number): Promise<ClusterNode> => {
  for (let redirections = 0; ; redirections += 1) {
    const node = nodes.ownerOf(slot);
    const connection = node.subscriber();
    try {
      await connection.subscribe([address]);
    } catch (error) {
      const redirection = redirectionOf(error, node.host);
      if (redirection === undefined || redirections >= maxRedirections) throw error;
      await nodes.follow(slot, redirection.target);
      continue;
    }
    // Its loss has been reported already, without this address.
    if (connectionOf(node) !== connection)
      throw new LayerUnavailable(`the connection to Redis at ${node.label} was lost`);
    return node;
  }
};
