import type { Message } from '@tickwire/channel-layer';
import type { HubOptions } from '@tickwire/hub';
import type { Random } from '@tickwire/protocol/testing';
import type { Logger } from '@tickwire/runtime';
import { createItemFormat } from './item-format.js';
import { createMarket, type Market } from './market.js';
import { createRedisLink, type RedisLink } from './redis-link.js';
import { createSimulatedClient, type SimulatedClient } from './simulated-client.js';
import { createSimulatedGateway, type SimulatedGateway } from './simulated-gateway.js';
import { SimulatedProcess } from './simulated-process.js';
import { createSimulatedProducer, type SimulatedProducer } from './simulated-producer.js';
import { createSimulatedRedis, type SimulatedRedis } from './simulated-redis.js';
import { createTruth, type Truth } from './truth.js';
import type { VirtualTime } from './virtual-time.js';

/** Bugs put in on purpose: they stand between the parts, and no source is changed. */
export interface Mutation {
  append?(append: SimulatedRedis['append']): SimulatedRedis['append'];
  source?(source: HubOptions['source']): HubOptions['source'];
}

export interface ClusterOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  /** What the parts of a process log. */
  readonly loggerOf: (process: string) => Logger;
  /** Hears what is written to Redis. */
  readonly trace: ((line: string) => void) | undefined;
  readonly mutation: Mutation;
}

/** Two producers, three gateways, fifty clients, one Redis. */
export interface Cluster {
  readonly time: VirtualTime;
  readonly redis: SimulatedRedis;
  readonly market: Market;
  readonly truth: Truth;
  readonly maxBuffered: number;
  readonly producers: readonly SimulatedProducer[];
  readonly gateways: readonly SimulatedGateway[];
  readonly clients: readonly SimulatedClient[];
  readonly published: readonly { readonly group: string; readonly message: Message }[];
  newestOf(group: string): Message | undefined;
  allLinks(): readonly RedisLink[];
  /** A trade at the exchange, on its way to both producers. */
  trade(group: string): void;
  /** One goes, and so much later another comes in its place. */
  replaceProducer(index: number, how: 'kill' | 'close', afterMs: number): void;
  replaceGateway(index: number, how: 'kill' | 'drain', afterMs: number): void;
}

const clientCount = 50;
const symbols = ['BTC-USDT', 'ETH-USDT', 'SOL-USDT'];
/** How long a process that is to end in good order has for it; then it is killed, as a supervisor does it. */
const endWithinMs = 2_000;

export const createCluster = ({ time, random, loggerOf, trace, mutation }: ClusterOptions): Cluster => {
  const truth = createTruth(time);
  const leaseMs = random.pick([1_500, 3_000]);
  const maxBuffered = random.pick([500, 500, 500, 12]);
  const historySize = random.pick([1_000, 1_000, 1_000, 8]);
  const hasFleet = random.chance(0.25);
  if (maxBuffered === 12 || historySize === 8) truth.expectLosses();
  const published: { group: string; message: Message }[] = [];
  const newest = new Map<string, Message>();
  const redis = createSimulatedRedis({
    time,
    historySize,
    observer: {
      appended(group, message, fence) {
        trace?.(`${group}: ${message['epoch']}/${message['seq']} is trade ${message['id']}, with fence ${fence}`);
        truth.appended(group, message, fence);
        published.push({ group, message });
        newest.set(group, message);
      },
      damaged: truth.damaged,
    },
  });
  if (mutation.append !== undefined) Object.assign(redis, { append: mutation.append(redis.append) });
  const market = createMarket(time, symbols);
  const format = createItemFormat();
  let started = 0;
  let epochs = 0;

  const startProcess = (kind: string): { process: SimulatedProcess; link: RedisLink } => {
    started += 1;
    const process = new SimulatedProcess(`${kind}-${started}`, time, random.next() * 1e6);
    return { process, link: createRedisLink({ process, redis, time, random, leaseMs }) };
  };

  /** Runs what a process does at its start, so that its timers belong to it. */
  const startIn = <T>(process: SimulatedProcess, start: () => T): T => time.within(process, start);

  const startProducer = (isNewcomer: boolean): SimulatedProducer => {
    const { process, link } = startProcess('producer');
    const newEpoch = (): string => {
      epochs += 1;
      return `e${epochs}`;
    };
    const logger = loggerOf(process.name);
    return startIn(process, () =>
      createSimulatedProducer({ process, link, logger, leaseMs, maxBuffered, isNewcomer, newEpoch }),
    );
  };

  const startGateway = (): SimulatedGateway => {
    const { process, link } = startProcess('gateway');
    const source: HubOptions['source'] = { layer: link.layer, history: link.history };
    const mutated = mutation.source?.(source) ?? source;
    return startIn(process, () => createSimulatedGateway({ process, link, source: mutated, format, random, hasFleet }));
  };

  const producers = [startProducer(false), startProducer(false)];
  const gateways = [startGateway(), startGateway(), startGateway()];
  const clients = Array.from({ length: clientCount }, (_, index) =>
    createSimulatedClient({
      name: `client-${index}`,
      channels: index % 3 === 0 ? market.groups : [market.groups[index % 3] as string],
      intervalMs: index % 10 === 9 ? 1_000 : undefined,
      time,
      random,
      truth,
      format,
      findGateway() {
        const open = gateways.filter(({ isOpen, process }) => isOpen && !process.isDead);
        return open.length > 0 ? random.pick(open) : undefined;
      },
    }),
  );
  for (const client of clients) time.world(random.next() * 500, client.connect);

  /** In order, as an exchange's socket keeps it. */
  const heardUntil = new Map<SimulatedProducer, number>();
  const feedDelayMs = (producer: SimulatedProducer): number => {
    const at = Math.max(heardUntil.get(producer) ?? 0, time.now() + 1 + random.next() * 20);
    heardUntil.set(producer, at);
    return at - time.now();
  };

  const kill = (process: SimulatedProcess, link: RedisLink): void => {
    process.isDead = true;
    link.layer.close().catch(() => undefined);
    for (const client of clients) client.lookAround();
  };

  /** Processes whose place was given to a newcomer: each is replaced once. */
  const replaced = new Set<SimulatedProcess>();

  return {
    time,
    redis,
    market,
    truth,
    maxBuffered,
    producers,
    gateways,
    clients,
    published,
    newestOf: (group) => newest.get(group),
    allLinks: () => [...producers, ...gateways].map(({ link }) => link),
    trade(group) {
      const trade = market.trade(group);
      for (const producer of producers) {
        time.after(feedDelayMs(producer), () => producer.hear(trade), producer.process);
      }
    },
    replaceProducer(index, how, afterMs) {
      const leaving = producers[index];
      if (leaving === undefined || replaced.has(leaving.process)) return;
      const { process, link } = leaving;
      replaced.add(process);
      if (how === 'kill') kill(process, link);
      else time.after(0, () => void leaving.close().then(() => kill(process, link)), process);
      time.world(how === 'kill' ? 0 : endWithinMs, () => kill(process, link));
      time.world((how === 'kill' ? 0 : endWithinMs) + afterMs, () => {
        const newcomer = startProducer(true);
        producers[index] = newcomer;
        const missed = [...market.trades];
        time.after(feedDelayMs(newcomer), () => missed.forEach(newcomer.hear), newcomer.process);
      });
    },
    replaceGateway(index, how, afterMs) {
      const leaving = gateways[index];
      if (leaving === undefined || replaced.has(leaving.process)) return;
      const { process, link } = leaving;
      replaced.add(process);
      if (how === 'kill') kill(process, link);
      else time.after(0, () => void leaving.drain(), process);
      time.world(how === 'kill' ? 0 : endWithinMs, () => kill(process, link));
      time.world((how === 'kill' ? 0 : endWithinMs) + afterMs, () => {
        gateways[index] = startGateway();
      });
    },
  };
};
