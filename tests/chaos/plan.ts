import type { Random } from './random.js';

/** The kinds of the first regressions. A kind added here would change what their seeds draw: add it to `faultKinds`. */
export const firstFaultKinds = [
  'gateway-kill',
  'gateway-term',
  'leader-kill',
  'leader-term',
  'client-kill',
  'redis-restart',
  'stop-gateway',
  'stop-leader',
  'stop-standby',
  'stop-redis',
  'link-cut',
  'link-slow',
  'link-hang',
  'rolling-restart',
] as const;

export const faultKinds = [...firstFaultKinds] as const;

export type FaultKind = (typeof faultKinds)[number];

/** A link between two processes: to Redis from one gateway or producer, or from clients to one gateway. */
export interface LinkName {
  readonly side: 'gateway' | 'producer' | 'client';
  readonly index: number;
}

/** A fault with all its particulars; which producer leads is known only when it happens. */
export type Fault =
  | { readonly kind: 'gateway-kill' | 'gateway-term'; readonly index: number; readonly downMs: number }
  | { readonly kind: 'leader-kill' | 'leader-term'; readonly downMs: number }
  | { readonly kind: 'client-kill'; readonly type: 'normal' | 'pubsub' }
  | { readonly kind: 'redis-restart'; readonly signal: 'SIGTERM' | 'SIGKILL'; readonly downMs: number }
  | { readonly kind: 'stop-gateway'; readonly index: number; readonly downMs: number }
  | { readonly kind: 'stop-leader' | 'stop-standby' | 'stop-redis'; readonly downMs: number }
  | { readonly kind: 'link-cut' | 'link-hang'; readonly link: LinkName; readonly downMs: number }
  | {
      readonly kind: 'link-slow';
      readonly link: LinkName;
      readonly downMs: number;
      /** For each connection, in each direction. */
      readonly bytesPerSecond: number;
    }
  | { readonly kind: 'rolling-restart' };

/** Faults that begin together, then a pause once all is well again. */
export interface Step {
  readonly faults: readonly Fault[];
  readonly pauseMs: number;
}

export interface PlanOptions {
  readonly random: Random;
  readonly kinds: readonly FaultKind[];
  readonly gateways: number;
  readonly producers: number;
  /** How often two faults begin together. @default 0.2 */
  readonly pairChance?: number;
}

/** Steps without end. The kinds come in shuffled rounds, so that a short run meets many of them. */
export const drawSteps = function* (options: PlanOptions): Generator<Step> {
  const { random, kinds, pairChance = 0.2 } = options;
  let round: FaultKind[] = [];
  const nextKind = (): FaultKind => {
    if (round.length === 0) round = shuffled(kinds, random);
    return round.pop() as FaultKind;
  };
  for (;;) {
    const faults = [drawFault(nextKind(), options)];
    if (random.next() < pairChance) {
      const second = drawFault(random.pick(kinds), options);
      if (!isSameVictim(faults[0] as Fault, second)) faults.push(second);
    }
    yield { faults, pauseMs: random.whole(200, 2_000) };
  }
};

const drawFault = (kind: FaultKind, { random, gateways, producers }: PlanOptions): Fault => {
  const index = random.whole(0, gateways - 1);
  const link = (): LinkName => {
    const side = random.pick(['gateway', 'producer', 'client'] as const);
    return { side, index: random.whole(0, (side === 'producer' ? producers : gateways) - 1) };
  };
  switch (kind) {
    case 'gateway-kill':
    case 'gateway-term':
      return { kind, index, downMs: random.whole(0, 2_000) };
    case 'leader-kill':
    case 'leader-term':
      return { kind, downMs: random.whole(0, 4_000) };
    case 'client-kill':
      return { kind, type: random.pick(['normal', 'pubsub'] as const) };
    case 'redis-restart':
      return { kind, signal: random.pick(['SIGTERM', 'SIGKILL'] as const), downMs: random.whole(0, 3_000) };
    case 'stop-gateway':
      return { kind, index, downMs: random.whole(1_000, 8_000) };
    case 'stop-leader':
    case 'stop-standby':
    case 'stop-redis':
      return { kind, downMs: random.whole(1_000, 8_000) };
    case 'link-cut':
      return { kind, link: link(), downMs: random.whole(0, 3_000) };
    case 'link-hang':
      return { kind, link: link(), downMs: random.whole(1_000, 8_000) };
    case 'link-slow':
      return {
        kind,
        link: link(),
        downMs: random.whole(1_000, 6_000),
        bytesPerSecond: random.whole(5_000, 60_000),
      };
    case 'rolling-restart':
      return { kind };
  }
};

/** Two faults on one process would undo each other: a killed one cannot be stopped. */
const isSameVictim = (first: Fault, second: Fault): boolean => {
  const [one, other] = [victimsOf(first), victimsOf(second)];
  return one.some((victim) => other.includes(victim));
};

const victimsOf = (fault: Fault): readonly string[] => {
  switch (fault.kind) {
    case 'gateway-kill':
    case 'gateway-term':
    case 'stop-gateway':
    case 'rolling-restart':
      return ['gateway'];
    case 'leader-kill':
    case 'leader-term':
    case 'stop-leader':
    case 'stop-standby':
      return ['producer'];
    case 'redis-restart':
    case 'stop-redis':
    case 'client-kill':
      return ['redis'];
    case 'link-cut':
    case 'link-hang':
    case 'link-slow':
      return [`link ${fault.link.side} ${fault.link.index}`];
  }
};

const shuffled = <T>(items: readonly T[], random: Random): T[] =>
  items
    .map((item) => ({ item, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);

/** In words, for the log of a run. */
export const describeFault = (fault: Fault): string => {
  const { kind, ...details } = fault;
  const words = Object.entries(details).map(([name, value]) =>
    typeof value === 'object'
      ? `${value.side}-${value.index}`
      : name === 'index'
        ? `gateway-${value}`
        : `${name}=${value}`,
  );
  return [kind, ...words].join(' ');
};
