/** Figures of one run by name; the name says the unit. Undefined where this host cannot measure it. */
export interface Figures {
  readonly offeredPerSecond?: number;
  /** Ticks that arrived at clients. */
  readonly deliveredPerSecond?: number;
  readonly writesPerSecond?: number | undefined;
  readonly ticksPerWrite?: number | undefined;
  readonly bytesPerTick?: number;
  readonly cpuUsPerTick?: number | undefined;
  readonly cpuUsPerWrite?: number | undefined;
  /** Ticks that one core would deliver at this cost. */
  readonly ticksPerCpuSecond?: number | undefined;
  /** Share of one core, 0 to 1. */
  readonly serverCpu?: number | undefined;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly p999Ms?: number;
  /** Latency of the tenth of the clients that connected first, and of the last tenth. */
  readonly firstP99Ms?: number;
  readonly lastP99Ms?: number;
  /** From the first attempt to reconnect until all had what they missed. */
  readonly servedMs?: number;
  /** Clients that did not get what they missed within the limit. */
  readonly unserved?: number;
  /** CPU of the server, and of Redis, while they reconnected. */
  readonly recoveryCpuSeconds?: number;
  readonly recoveryRedisCpuSeconds?: number;
  /** Share of all ticks for all clients, 0 to 1. */
  readonly deliveredShare?: number;
  readonly doubledShare?: number;
  readonly lateShare?: number;
  /** Connections broken. */
  readonly breaks?: number;
  /** CPU a published message: of all masters, of the busiest one, of the publisher. */
  readonly redisUsPerMessage?: number;
  readonly busiestRedisUsPerMessage?: number;
  readonly publisherUsPerMessage?: number;
  readonly gaps?: number;
  /** Duplicates and ticks after newer ones. */
  readonly orderErrors?: number;
  /** Ticks clients were notified that they missed. */
  readonly declaredSkips?: number;
  readonly stale?: number;
  /** Ticks that had not arrived when the run was over. */
  readonly missing?: number;
  /** Everything that a client did not get: gaps, declared or not, and what is missing at the end. */
  readonly lost?: number;
  readonly closed?: number;
  readonly rssPerClientBytes?: number | undefined;
  readonly rssGrowthBytes?: number | undefined;
  readonly connectMs?: number;
  /** CPU the server used while they connected. */
  readonly connectCpuSeconds?: number | undefined;
  readonly connected?: number;
  readonly generatorCpu?: number;
  readonly redisCpu?: number | undefined;
  readonly publisherCpu?: number;
  readonly loadCoreBusy?: number | undefined;
  readonly serverCoreOthers?: number | undefined;
  readonly publisherLateMs?: number;
  /** Figures of a computation without clients. */
  readonly itemsPerCpuSecond?: number;
  readonly usPerItem?: number;
}

export type FigureName = keyof Figures;

/** One measurement. Runs that differ only in `round` are repetitions of each other. */
export interface Run {
  readonly scenario: string;
  readonly peer: string;
  readonly clients: number;
  readonly channels: number;
  /** The load in words: `20 ticks/s`. */
  readonly load: string;
  readonly round: number;
  readonly figures: Figures;
  /** What a reader must know before believing the figures. */
  readonly notes: readonly string[];
}

/** What could not be measured, and why. */
export interface Omission {
  readonly scenario: string;
  readonly what: string;
  readonly why: string;
}
