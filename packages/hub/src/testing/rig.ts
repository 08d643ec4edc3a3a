import type { WireFormat } from '../fan-out/wire-format.js';
import type { HubOptions } from '../hub.js';
import type { Session } from '../index.js';
import { createHub, type Hub, type Snapshot, type SubscribeOptions } from '../index.js';
import { createFakeSource, type FakeSource, type FakeSourceOptions } from './fake-source.js';
import { createFakeTransport, type FakeTransport } from './fake-transport.js';
import { type Line, lineFormat } from './line-format.js';

/** A session and its socket. */
export interface Client {
  readonly session: Session;
  readonly transport: FakeTransport;
  /** The numbers of the publications it read on a channel. */
  seqs(channel: string): number[];
  /** Everything it read of a kind, in order. */
  of<K extends Line['kind']>(kind: K): Extract<Line, { kind: K }>[];
  /** The socket accepts bytes again after `transport.block()`. */
  unblock(): void;
}

/** For tests: a hub over a fake source, with a clock that the test moves. */
export interface Rig {
  readonly hub: Hub;
  readonly source: FakeSource;
  readonly clock: { ms: number };
  connect(format?: WireFormat): Client;
  /** Subscribes and sends the snapshot; resolves with it, or undefined if there was none. */
  follow(client: Client, channel: string, options?: SubscribeOptions): Promise<Snapshot | undefined>;
  close(): Promise<void>;
}

export interface RigOptions extends Omit<Partial<HubOptions>, 'source' | 'now'> {
  readonly fake?: FakeSourceOptions;
}

export const createRig = ({ fake, ...options }: RigOptions = {}): Rig => {
  const source = createFakeSource(fake);
  const clock = { ms: 0 };
  const hub = createHub({ ...options, source, now: () => clock.ms });

  return {
    hub,
    source,
    clock,
    connect(format = lineFormat) {
      const transport = createFakeTransport();
      const session = hub.openSession(transport, format);
      const of: Client['of'] = (kind) =>
        transport.lines().filter((line): line is Extract<Line, { kind: typeof kind }> => line.kind === kind);
      return {
        session,
        transport,
        of,
        seqs: (channel) =>
          of('publication').flatMap((line) => (line.channel === channel ? [line.position?.seq ?? 0] : [])),
        unblock() {
          transport.unblock();
          session.drained();
        },
      };
    },
    async follow(client, channel, request = {}) {
      let taken: Snapshot | undefined;
      await hub.join(client.session, new Map([[channel, request]]), (snapshots) => {
        taken = snapshots.get(channel);
        client.session.sendItems(taken?.publications ?? []);
        return 'join';
      });
      return taken;
    },
    close: () => hub.close(),
  };
};

/** Lets the event loop turn this many times: long enough for anything that waits for no clock. */
export const turns = async (count = 8): Promise<void> => {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

const maxTurns = 2_000_000;

/** Resolves at the first turn of the event loop at which the predicate holds. @throws Error after many turns. */
export const until = async (what: string, predicate: () => boolean): Promise<void> => {
  for (let turn = 0; !predicate(); turn += 1) {
    if (turn === maxTurns) throw new Error(`waited ${maxTurns} turns for ${what}`);
    await turns(1);
  }
};

export const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
