import type { Registry } from 'prom-client';
import type { LimitsConfig } from '../limits/limits-config.js';
import { createSeats, type Seats } from '../limits/seats.js';
import type { ReadinessReport } from '../readiness/readiness.js';
import type { WorkerReport } from './messages.js';
import { countWorkers } from './together.js';

/** All workers of a gateway, as one of them sees them. */
export interface Crew {
  /** From 1 on; undefined where the gateway is one process. */
  readonly worker: number | undefined;
  readonly size: number;
  /** Limits that hold for all of them. */
  readonly seats: Seats;
  /** Memory of the others. */
  readonly othersRssBytes: number;
  /** Whether a new client could come to another one. */
  readonly isAnotherServing: boolean;
  /** Whether the gateway does its work: what this worker says of itself, together with what the others do. */
  combine(own: ReadinessReport): ReadinessReport;
  /** The metrics of all, as text. */
  render(): Promise<string>;
  /** From now on the others learn how this one fares. */
  join(member: Member): Membership;
}

export interface Member {
  report(): WorkerReport;
  readonly registry: Registry;
}

export interface Membership {
  /** Lets the others know now, and not within the second. */
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
