import type { Position } from '@tickwire/protocol';
import type { LossCause, ViolationKind } from './channel-check.js';

/** One client as planned from the seed. */
export interface ClientPlan {
  readonly name: string;
  readonly channels: readonly string[];
  /** Asks for arrays. */
  readonly isBatch: boolean;
  /** Addresses it knows, each leading to another gateway. */
  readonly urls: readonly string[];
}

/** Commands of the coordinator to a process of clients. */
export type WorkerCommand =
  | {
      readonly type: 'start';
      readonly clients: readonly ClientPlan[];
      readonly seed: string;
      /** Mean time after which a client leaves by itself and reconnects. */
      readonly stayMs: number;
    }
  /** From now on no client leaves by itself. */
  | { readonly type: 'stay' }
  /** Nothing is published any more: waits for these positions, then answers with the result. */
  | {
      readonly type: 'finish';
      readonly finals: readonly (readonly [channel: string, position: Position])[];
      readonly deadlineMs: number;
      readonly seenFile: string;
    };

export type WorkerAnswer =
  /** Several times a second: clients that should be hearing something and are not. */
  { readonly type: 'pulse'; readonly silent: number } | { readonly type: 'result'; readonly result: WorkerResult };

export interface Violation {
  readonly atMs: number;
  readonly client: string;
  readonly channel: string;
  readonly kind: ViolationKind;
  readonly count: number;
  readonly story: string;
}

export interface Loss {
  readonly atMs: number;
  readonly cause: LossCause;
  readonly count: number;
}

/** A time in which a client that was there heard nothing at all, by the wall clock. */
export interface Silence {
  readonly client: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface WorkerResult {
  readonly publications: number;
  readonly violations: readonly Violation[];
  readonly losses: readonly Loss[];
  readonly skipped: number;
  readonly silences: readonly Silence[];
  /** Connections that opened. */
  readonly opened: number;
  /** Times a client left by itself. */
  readonly left: number;
  readonly staleNotices: number;
  /** How connections ended that the client did not end, by code. */
  readonly closes: Readonly<Record<string, number>>;
  /** The longest this process itself stood still: which it cannot distinguish from silence. */
  readonly longestLagMs: number;
}
