import type { Registry } from 'prom-client';
import type { LimitsConfig } from '../limits/limits-config.js';
import { createSeats, type Seats } from '../limits/seats.js';
import type { ReadinessReport } from '../readiness/readiness.js';
import type { WorkerReport } from './messages.js';
import { countWorkers } from './together.js';

/** All workers of a gateway, as one of them sees them. */
export interface Crew {
  /** Begins with 1; undefined if the gateway is one process. */
  readonly worker: number | undefined;
  readonly size: number;
  /** Limits that hold for all workers together. */
  readonly seats: Seats;
  /** Memory of the other workers. */
  readonly othersRssBytes: number;
  /** Whether another worker could accept a new client. */
  readonly isAnotherServing: boolean;
  /** Whether the gateway is ready: this worker's report combined with those of the others. */
  combine(own: ReadinessReport): ReadinessReport;
  /** The metrics of all workers, as text. */
  render(): Promise<string>;
  /** From now on the other workers learn the state of this one. */
  join(member: Member): Membership;
}

export interface Member {
  report(): WorkerReport;
  readonly registry: Registry;
}

export interface Membership {
  /** Reports to the others at once instead of within the second. */
  changed(): void;
  close(): unknown;
}

/** A gateway of one process. */
export const createSoleCrew = (limits: LimitsConfig): Crew => {
  let rendered: Registry | undefined;
  return {
    worker: undefined,
    size: 1,
    seats: createSeats({ limits }),
    othersRssBytes: 0,
    isAnotherServing: false,
    combine: (own) => own,
    render: async () => (await rendered?.metrics()) ?? '',
    join({ registry }) {
      rendered = registry;
      countWorkers(registry, { serving: () => 1, wanted: 1, silent: () => 0 });
      return { changed() {}, close() {} };
    },
  };
};
