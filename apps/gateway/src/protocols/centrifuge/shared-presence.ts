import type { ChannelLayer, Message } from '@tickwire/channel-layer';
import { z } from 'zod';
import { CommandRefused, errorReplies } from './error-replies.js';
import type { CountClients, LocalPresence } from './presence.js';

export interface SharedPresenceOptions {
  readonly layer: Pick<ChannelLayer, 'groupListen' | 'groupSend'>;
  /** Nobody else's: part of a group's name. */
  readonly gatewayId: string;
  readonly local: LocalPresence;
  /** Between two signs of life; who gave none for three of them is counted no more. @default 2_000 */
  readonly beatMs?: number;
  /** How long the others may take to answer; then those who did are counted. @default 500 */
  readonly answerMs?: number;
  /** How long a count is given again. @default 1_000 */
  readonly keepMs?: number;
}

/** Counts the clients of a channel over all gateways that share a layer, by asking them. */
export interface SharedPresence {
  /** Rejects with `tooManyRequests` where very many channels are asked for at once, or with what the layer throws. */
  readonly countClients: CountClients;
  /** Other gateways that are there. */
  readonly peers: ReadonlySet<string>;
  close(): void;
}

const everyGateway = 'tickwire.gateways';
const oneGateway = (id: string): string => `tickwire.gateway.${id}`;
/** Counts under way or kept. */
const maxCounts = 10_000;
/** Gateways that are believed to be there; whoever may publish could name any number. */
const maxPeers = 1_000;
/** Of users that one gateway names; those beyond are added as if no other gateway knew them. */
const maxUsers = 10_000;

const shared = z.discriminatedUnion('type', [
  z.object({ type: z.literal('gateway.here'), gateway: z.string() }),
  z.object({ type: z.literal('gateway.gone'), gateway: z.string() }),
  z.object({ type: z.literal('gateway.count'), gateway: z.string(), ask: z.number(), channel: z.string() }),
]);
const answered = z.object({
  gateway: z.string(),
  ask: z.number(),
  clients: z.number(),
  users: z.array(z.string()),
  moreUsers: z.number(),
});

type Answer = z.infer<typeof answered>;

interface Ask {
  readonly awaited: Set<string>;
  readonly answers: Answer[];
  finish(): void;
}

/** Resolves once it would hear the others. @throws what the layer throws when it cannot subscribe. */
export const openSharedPresence = async (options: SharedPresenceOptions): Promise<SharedPresence> => {
  const { layer, gatewayId, local, beatMs = 2_000, answerMs = 500, keepMs = 1_000 } = options;
  const lastBeats = new Map<string, number>();
  const asks = new Map<number, Ask>();
  const counts = new Map<string, ReturnType<CountClients>>();
  const timers = new Set<NodeJS.Timeout>();
  const peers = new Set<string>();
  let lastAsk = 0;
  let isClosed = false;

  const after = (ms: number, act: () => void): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
    return timer;
  };
  /** What gets lost on the way is made good by the next beat, or by the deadline of an answer. */
  const send = (group: string, message: Message): void => void layer.groupSend(group, message).catch(() => {});
  const beat = (): void => send(everyGateway, { type: 'gateway.here', gateway: gatewayId });

  const leave = (gateway: string): void => {
    lastBeats.delete(gateway);
    peers.delete(gateway);
    for (const ask of asks.values()) if (ask.awaited.delete(gateway) && ask.awaited.size === 0) ask.finish();
  };

  const onShared = (message: Message): void => {
    const parsed = shared.safeParse(message);
    if (!parsed.success || parsed.data.gateway === gatewayId) return;
    const { gateway, type } = parsed.data;
    if (type === 'gateway.gone') {
      leave(gateway);
    } else if (type === 'gateway.here') {
      if (!peers.has(gateway) && peers.size >= maxPeers) return;
      lastBeats.set(gateway, Date.now());
      // A newcomer learns of us at once.
      if (!peers.has(gateway)) beat();
      peers.add(gateway);
    } else {
      const { ask, channel } = parsed.data;
      const users = [...local.users(channel)];
      const { clients } = local.countClients(channel);
      const named = users.slice(0, maxUsers);
      const counted = { clients, users: named, moreUsers: users.length - named.length };
      send(oneGateway(gateway), { type: 'gateway.counted', gateway: gatewayId, ask, ...counted });
    }
  };

  const onAnswer = (message: Message): void => {
    const parsed = answered.safeParse(message);
    if (!parsed.success) return;
    const ask = asks.get(parsed.data.ask);
    if (ask?.awaited.delete(parsed.data.gateway) !== true) return;
    ask.answers.push(parsed.data);
    if (ask.awaited.size === 0) ask.finish();
  };

  const askPeers = async (channel: string): Promise<readonly Answer[]> => {
    lastAsk += 1;
    const id = lastAsk;
    const answers: Answer[] = [];
    const isComplete = new Promise<void>((resolve) => {
      asks.set(id, { awaited: new Set(peers), answers, finish: resolve });
      after(answerMs, resolve);
    });
    try {
      await layer.groupSend(everyGateway, { type: 'gateway.count', gateway: gatewayId, ask: id, channel });
      await isComplete;
    } finally {
      asks.delete(id);
    }
    return answers;
  };

  const count = async (channel: string): Promise<{ clients: number; users: number }> => {
    const answers = peers.size === 0 || isClosed ? [] : await askPeers(channel);
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

  const stops = [
    await layer.groupListen(oneGateway(gatewayId), onAnswer),
    await layer.groupListen(everyGateway, onShared),
  ];
  const beats = setInterval(() => {
    beat();
    for (const [gateway, at] of lastBeats) if (Date.now() - at > 3 * beatMs) leave(gateway);
  }, beatMs);
  beat();

  return {
    peers,
    countClients(channel) {
      // Alone there is nobody to ask.
      if (peers.size === 0) return local.countClients(channel);
      const known = counts.get(channel);
      if (known !== undefined) return known;
      if (counts.size >= maxCounts) throw new CommandRefused(errorReplies.tooManyRequests);
      const counting = count(channel);
      counts.set(channel, counting);
      after(keepMs, () => counts.delete(channel));
      return counting;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(beats);
      for (const timer of timers) clearTimeout(timer);
      for (const ask of asks.values()) ask.finish();
      send(everyGateway, { type: 'gateway.gone', gateway: gatewayId });
      // A layer out of reach must not hold up who leaves.
      for (const stop of stops) stop().catch(() => {});
    },
  };
};
