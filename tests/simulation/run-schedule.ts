import { createRandom } from '@tickwire/protocol/testing';
import type { Logger } from '@tickwire/runtime';
import { type Cluster, createCluster, type Mutation } from './cluster.js';
import { type FaultKind, faultKinds, inflict } from './faults.js';
import { maxOutboxBytes } from './simulated-gateway.js';
import { createVirtualTime } from './virtual-time.js';

export interface ScheduleOptions {
  /** @default none */
  readonly mutation?: Mutation;
  /** Only these. @default all */
  readonly faults?: readonly FaultKind[];
  /** Hears what happens, line by line. */
  readonly trace?: (line: string) => void;
}

export interface ScheduleReport {
  readonly seed: number;
  readonly faults: readonly FaultKind[];
  /** Broken rules, the first ones. */
  readonly violations: readonly string[];
  readonly published: number;
  readonly read: number;
  /** Epochs that began because something was lost. */
  readonly losses: number;
}

/** When clients and trades have begun, and faults may. */
const calmMs = 1_000;
const faultyMs = 8_000;
/** So long after the last fault everything is live again. */
const recoverMs = 12_000;
/** What is published then reaches everybody within this. */
const deliverMs = 2_000;
const checkMs = 2_000;

/** Runs a cluster through the faults that a seed draws, and checks every rule on the way. Only one at a time. */
export const runSchedule = async (seed: number, options: ScheduleOptions = {}): Promise<ScheduleReport> => {
  const { mutation = {}, faults: allowed = faultKinds } = options;
  const random = createRandom(seed);
  const time = createVirtualTime();
  const uninstall = time.install();
  try {
    const trace = options.trace && ((line: string) => options.trace?.(`${time.now().toFixed(1)} ${line}`));
    const cluster = createCluster({ time, random, loggerOf: (name) => tracingLogger(name, trace), trace, mutation });
    const plan = planFaults(cluster, allowed, random, trace);
    planTrades(cluster, plan.endMs, random);
    const endMs = plan.endMs + recoverMs;
    for (let atMs = checkMs; atMs < endMs; atMs += checkMs) time.world(atMs, () => checkBounds(cluster));
    const { truth, clients } = cluster;
    try {
      await time.runUntil(endMs);
      for (const group of cluster.market.groups) cluster.trade(group);
      await time.runUntil(endMs + deliverMs);
      checkEnd(cluster);
    } catch (error) {
      // No process may throw.
      truth.violate(error instanceof Error ? String(error.stack) : String(error));
    }
    return {
      seed,
      faults: plan.kinds,
      violations: truth.violations,
      published: truth.published,
      read: clients.reduce((sum, client) => sum + client.read, 0),
      losses: truth.losses,
    };
  } finally {
    uninstall();
  }
};

type Trace = ((line: string) => void) | undefined;

const planFaults = (
  cluster: Cluster,
  allowed: readonly FaultKind[],
  random: ReturnType<typeof createRandom>,
  trace: Trace,
): { readonly kinds: readonly FaultKind[]; readonly endMs: number } => {
  const kinds: FaultKind[] = [];
  let endMs = calmMs;
  for (let count = 1 + random.below(6); count > 0; count -= 1) {
    const kind = random.pick(allowed);
    const atMs = calmMs + random.next() * faultyMs;
    const forMs = 200 + random.next() * 3_800;
    kinds.push(kind);
    // The longest last for twice the time drawn.
    endMs = Math.max(endMs, atMs + 2 * forMs);
    cluster.time.world(atMs, () => {
      trace?.(`fault: ${kind} for ${forMs.toFixed(0)} ms`);
      inflict(kind, cluster, random, forMs);
    });
  }
  return { kinds, endMs };
};

const planTrades = (cluster: Cluster, endMs: number, random: ReturnType<typeof createRandom>): void => {
  const { time, market } = cluster;
  for (let count = 20 + random.below(20); count > 0; count -= 1) {
    const group = random.pick(market.groups);
    const burst = random.chance(0.2) ? 4 : 1;
    time.world(200 + random.next() * endMs, () => {
      for (let trade = 0; trade < burst; trade += 1) cluster.trade(group);
    });
  }
};

/** Memory is bounded at every moment. */
const checkBounds = ({ producers, gateways, truth, maxBuffered }: Cluster): void => {
  for (const { publisher, process } of producers) {
    if (publisher.buffered > 2 * maxBuffered) truth.violate(`${process.name} holds ${publisher.buffered} messages`);
  }
  for (const { hub, process } of gateways) {
    for (const session of hub.sessions) {
      if (session.outboxBytes > 3 * maxOutboxBytes) truth.violate(`${process.name} owes ${session.outboxBytes} bytes`);
    }
  }
};

/** Everything is live again, and everybody has everything. */
const checkEnd = ({ producers, gateways, clients, truth, newestOf, market }: Cluster): void => {
  const leading = producers.filter(({ leadership }) => leadership.isLeading);
  if (leading.length !== 1) truth.violate(`${leading.length} producers lead`);
  for (const { publisher, process, leadership } of producers) {
    if (leadership.isLeading && publisher.buffered > 0)
      truth.violate(`${process.name} still holds ${publisher.buffered}`);
  }
  for (const group of market.groups) {
    const [newest, traded] = [newestOf(group), market.trades.findLast((trade) => trade.group === group)];
    if (newest?.['id'] !== String(traded?.id)) {
      truth.violate(`${group}: trade ${String(newest?.['id'])} is the newest, not ${traded?.id}`);
    }
  }
  for (const [index, client] of clients.entries()) {
    if (!client.isConnected) truth.violate(`client-${index} is not connected`);
    for (const [channel, { position, isLive }] of client.views) {
      const newest = newestOf(channel);
      if (!isLive) truth.violate(`client-${index} on ${channel} is not live`);
      if (position?.seq !== newest?.['seq'] || position?.epoch !== newest?.['epoch']) {
        const [has, is] = [
          `${position?.epoch}/${position?.seq}`,
          `${String(newest?.['epoch'])}/${String(newest?.['seq'])}`,
        ];
        truth.violate(`client-${index} on ${channel} is at ${has}, not at ${is}`);
      }
    }
  }
  for (const { fleet, process } of gateways) {
    const others = gateways.filter((other) => other.process !== process).map((other) => other.process.name);
    if (fleet !== undefined && others.some((name) => !fleet.peers.has(name))) {
      truth.violate(`${process.name} knows of ${[...fleet.peers].join()}, not of ${others.join()}`);
    }
  }
};

/** What publishing code needs of a logger. */
const tracingLogger = (process: string, trace: Trace): Logger => {
  const log = (fields: unknown, text?: string): void =>
    trace?.(`${process}: ${typeof fields === 'string' ? fields : `${text} ${JSON.stringify(fields)}`}`);
  return { info: log, warn: log, error: log } as unknown as Logger;
};
