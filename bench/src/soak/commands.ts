import type { SequenceFaults } from '../load/sequence-check.js';

export interface CrowdRequest {
  readonly port: number;
  readonly clients: number;
  /** How many there are; each client follows a few of them. */
  readonly channels: number;
  /** After this the rest of the first connects is given up. */
  readonly limitMs: number;
}

/** What the clients did and saw so far. */
export interface CrowdCounts {
  readonly open: number;
  /** Connections that opened, by protocol. */
  readonly opened: { readonly plain: number; readonly batch: number; readonly centrifuge: number };
  /** How many of those asked for what they had missed. */
  readonly recovering: number;
  readonly failed: number;
  /** Ended by the server: it has no reason to. */
  readonly closed: number;
  readonly leftPolitely: number;
  readonly reset: number;
  readonly ticks: number;
  readonly faults: SequenceFaults;
}

/** What the process of the clients does when asked. */
export interface CrowdCommands {
  /** Resolves when all are in. @throws Error when they are not within the limit. */
  open(request: CrowdRequest): Promise<void>;
  /** From now on so many clients a second leave, and reconnect after a moment. */
  churn(leavesPerSecond: number): Promise<void>;
  /** Nobody leaves any more; resolves when all are back, or after the limit. */
  stay(limitMs: number): Promise<void>;
  counts(): Promise<CrowdCounts>;
  /** How many ticks are still missing when everybody has had until the limit; `published` is the last `seq` of each channel. */
  settle(published: readonly number[], limitMs: number): Promise<number>;
  /** All leave for good. */
  leave(): Promise<void>;
}
