import { LayerClosed, LayerRejected, LayerUnavailable } from '../errors.js';
import type { RedisConnection } from '../redis/connection.js';
import { createBackoff } from '../redis/link.js';
import { isRejection } from '../redis/replies.js';
import type { ShardsSettings } from '../redis/shards.js';
import {
  type ClusterAccess,
  type ClusterNode,
  type ClusterNodeEvents,
  createClusterNode,
  openNodeConnection,
} from './cluster-node.js';
import { type NodeLabel, type SlotRange, slotCount, splitLabel, toSlotRanges } from './cluster-slots.js';

/** The master of each slot, and a connected node for each master. */
export interface ClusterNodes {
  /** Rejects with LayerUnavailable, and leaves nothing open, unless every slot has a usable master. */
  connect(): Promise<void>;
  /** @throws LayerUnavailable, at once, when no master of the slot is known here; LayerClosed. */
  ownerOf(slot: number): ClusterNode;
  /** Returns a connected node, which need not own a slot yet. @throws LayerUnavailable */
  reach(label: NodeLabel): Promise<ClusterNode>;
  /**
   * A node named the owner of the slot; resolves when that owner is connected. All other slots are requested as well.
   */
  follow(slot: number, label: NodeLabel): Promise<void>;
  close(): Promise<void>;
}

export interface ClusterNodesOptions extends ClusterAccess {
  /** The nodes to begin with. */
  readonly seeds: readonly NodeLabel[];
  /** How often the slots are requested while all is well. */
  readonly refreshMs: number;
}

export interface ClusterNodesEvents extends Pick<ClusterNodeEvents, 'onMessage'> {
  readonly onSubscriberDown: (node: ClusterNode, reason: string) => void;
  readonly onRejected: (node: ClusterNode, reason: string) => void;
  readonly onWithdrawn: (node: ClusterNode, held: ReadonlySet<string>) => void;
  /** A node was connected, or the slots were requested. */
  readonly onChange: () => void;
  /** While false, the slots are soon requested again. */
  readonly isSettled: () => boolean;
}

interface Member {
  readonly node: ClusterNode;
  readonly ready: Promise<void>;
}

export const createClusterNodes = (
  options: ClusterNodesOptions,
  settings: ShardsSettings,
  events: ClusterNodesEvents,
): ClusterNodes => {
  const { seeds, refreshMs } = options;
  const { username, password, tls } = options;
  const access = { ...(username && { username }), ...(password && { password }), ...(tls && { tls }) };
  const delayMs = createBackoff(settings.backoff);
  const closing = new AbortController();
  const members = new Map<NodeLabel, Member>();
  /** Indexed by slot. */
  let owners: (NodeLabel | undefined)[] = [];
  /** The masters of all slots. */
  let masters: ReadonlySet<NodeLabel> = new Set();
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let refreshing: Promise<void> | undefined;
  let isAskedAgain = false;
  /** Nodes that are being closed. */
  let leaving: Promise<unknown> = Promise.resolve();

  const letGo = (node: ClusterNode): void => {
    leaving = Promise.all([leaving, node.close()]);
  };

  const open = (label: NodeLabel): Member => {
    const known = members.get(label);
    if (known !== undefined) return known;
    if (closing.signal.aborted) throw new LayerClosed();
    const node = createClusterNode(label, access, settings, {
      onMessage: events.onMessage,
      onSubscriberDown: (reason) => events.onSubscriberDown(node, reason),
      onRejected: (reason) => events.onRejected(node, reason),
      onWithdrawn(held) {
        events.onWithdrawn(node, held);
        refresh();
      },
      onChange() {
        events.onChange();
        if (!node.isUp) refresh();
      },
    });
    const ready = node.start();
    const member = { node, ready };
    members.set(label, member);
    // An unreachable node is forgotten, and tried again when the next answer names it.
    ready.catch(() => {
      if (members.get(label) === member) members.delete(label);
      letGo(node);
    });
    return member;
  };

  const setOwners = (next: (NodeLabel | undefined)[]): void => {
    owners = next;
    masters = new Set(next.filter((label) => label !== undefined));
  };

  /** Asks all connected nodes, or a seed when there are none. */
  const ask = async (): Promise<readonly Answer[]> => {
    const connected = [...members.values()].filter(({ node }) => node.isUp);
    const asked = connected.map(async ({ node }) => within(askMs, askOver(node.publisher(), node.label)));
    const answers = (await Promise.allSettled(asked)).flatMap((result) =>
      result.status === 'fulfilled' ? result.value : [],
    );
    return answers.length > 0 ? answers : [await askSeeds([...new Set([...seeds, ...masters])])];
  };

  const askSeeds = async (labels: readonly NodeLabel[]): Promise<Answer> => {
    const reasons: unknown[] = [];
    for (const label of labels) {
      try {
        const unheard = { onMessage: () => {}, onDown: () => {} };
        const connection = await openNodeConnection(label, access, settings, closing.signal, unheard);
        return await askOver(connection, label).finally(() => connection.close());
      } catch (error) {
        reasons.push(error);
      }
    }
    throw reasons.find((reason) => reason instanceof LayerRejected) ?? reasons[0];
  };

  /** A new owner takes over once it is connected or cannot be: until then the former owner may still serve. */
  const learn = async (): Promise<void> => {
    const next = toOwners(await ask());
    if (closing.signal.aborted) return;
    await Promise.allSettled([...new Set(next)].map((label) => label && open(label).ready));
    setOwners(next);
  };

  const isHealthy = (): boolean => {
    return (
      masters.size > 0 && [...masters].every((label) => members.get(label)?.node.isUp === true) && events.isSettled()
    );
  };

  /** Only when the cluster is settled: an outdated answer may lack a master that has just taken over. */
  const retire = (): void => {
    for (const [label, { node }] of members) {
      if (masters.has(label)) continue;
      members.delete(label);
      node.drop('it has no slots any more');
      letGo(node);
    }
  };

  const refreshOnce = async (): Promise<void> => {
    try {
      await learn();
    } catch {
      // Retried below.
    }
    if (closing.signal.aborted) return;
    events.onChange();
    const isWell = isHealthy();
    if (isWell) retire();
    failures = isWell ? 0 : failures + 1;
    clearTimeout(timer);
    timer = setTimeout(refresh, isWell ? refreshMs : delayMs(failures - 1));
  };

  /** Requests the slots now, and repeatedly while something is wrong. */
  const refresh = (): void => {
    if (closing.signal.aborted) return;
    if (refreshing !== undefined) {
      isAskedAgain = true;
      return;
    }
    refreshing = refreshOnce().finally(() => {
      refreshing = undefined;
      if (!isAskedAgain) return;
      isAskedAgain = false;
      // Not at once: an unreachable node is asked only as often as the pauses allow.
      if (failures === 0) refresh();
    });
  };

  const close = async (): Promise<void> => {
    closing.abort();
    clearTimeout(timer);
    const last = [...members.values()];
    members.clear();
    await Promise.all([refreshing, leaving, ...last.map(({ node }) => node.close())]);
    await leaving;
  };

  return {
    async connect() {
      try {
        setOwners(assertWhole(toOwners([await askSeeds(seeds)])));
        await Promise.all([...masters].map((label) => open(label).ready));
      } catch (error) {
        await close();
        throw error;
      }
      timer = setTimeout(refresh, refreshMs);
    },
    ownerOf(slot) {
      if (closing.signal.aborted) throw new LayerClosed();
      const label = owners[slot];
      const member = label === undefined ? undefined : members.get(label);
      if (member === undefined)
        throw new LayerUnavailable(`slot ${slot} of the cluster: ${label ?? 'its master'} is not connected`);
      return member.node;
    },
    async reach(label) {
      const { node, ready } = open(label);
      await ready;
      return node;
    },
    async follow(slot, label) {
      refresh();
      await open(label).ready;
      setOwners(owners.map((owner, each) => (each === slot ? label : owner)));
    },
    close,
  };
};

/** How long an answer may take when several nodes are asked: one that hangs must not delay the others. */
const askMs = 1_000;

/** A node's answer about the slots. */
interface Answer {
  readonly from: NodeLabel;
  readonly ranges: readonly SlotRange[];
}

/** @throws LayerUnavailable when it is not a cluster. */
const askOver = async (connection: RedisConnection, from: NodeLabel): Promise<Answer> => {
  try {
    return { from, ranges: toSlotRanges(await connection.call('CLUSTER', ['SLOTS']), splitLabel(from).host) };
  } catch (error) {
    if (error instanceof LayerUnavailable) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const sentence = `Redis at ${from} does not give its slots: ${reason}`;
    throw new (isRejection(error) ? LayerRejected : LayerUnavailable)(sentence, { cause: error });
  }
};

const within = async <T>(ms: number, promise: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new LayerUnavailable(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/** For a while after a failover some nodes know less than others, so what a node says about itself counts more. */
const toOwners = (answers: readonly Answer[]): (NodeLabel | undefined)[] => {
  const owners = new Array<NodeLabel | undefined>(slotCount).fill(undefined);
  for (const isOwn of [false, true]) {
    for (const { from, ranges } of answers) {
      for (const { first, last, master } of ranges) {
        if ((from === master) === isOwn) owners.fill(master, first, last + 1);
      }
    }
  }
  return owners;
};

const assertWhole = (owners: (NodeLabel | undefined)[]): (NodeLabel | undefined)[] => {
  const lacking = owners.filter((label) => label === undefined).length;
  if (lacking > 0)
    throw new LayerUnavailable(`the Redis Cluster has no master for ${lacking} of its ${slotCount} slots`);
  return owners;
};
