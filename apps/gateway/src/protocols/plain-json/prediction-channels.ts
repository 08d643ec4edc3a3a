import type { Hub, Session, Snapshot, StreamItem, SubscribeOptions } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';
import { plainJsonItem } from './plain-json-format.js';

interface FollowOptions extends Pick<SubscribeOptions, 'intervalMs' | 'last'> {
  /** Where the client was, by channel. */
  readonly since: ReadonlyMap<string, Position>;
}

/** What stands before the first publication of a channel. */
export type Greeting = (channel: string, snapshot: Snapshot) => StreamItem;

/** The channels one client of the plain JSON socket follows. */
export class PredictionChannels {
  readonly #hub: Hub;
  readonly #session: Session;
  readonly #followed = new Set<string>();

  constructor(hub: Hub, session: Session) {
    this.#hub = hub;
    this.#session = session;
  }

  /** Those it follows and those on their way. */
  get size(): number {
    return this.#followed.size;
  }

  has(name: string): boolean {
    return this.#followed.has(name);
  }

  /** Begins with `greeting` where there is one, then the snapshot. Resolves when all are followed. */
  async follow(names: readonly string[], options: FollowOptions, greeting?: Greeting): Promise<void> {
    await Promise.all(names.map((name) => this.#followOne(name, options, greeting)));
  }

  leave(name: string): void {
    this.#followed.delete(name);
    this.#hub.unsubscribe(this.#session, name);
  }

  #followOne(name: string, options: FollowOptions, greeting: Greeting | undefined): Promise<void> {
    const { since: positions, ...rest } = options;
    const since = positions.get(name);
    this.#followed.add(name);
    const request = { ...rest, ...(since !== undefined && { since }) };
    return this.#hub.join(this.#session, new Map([[name, request]]), (snapshots) => {
      const snapshot = snapshots.get(name);
      if (snapshot === undefined) return 'leave';
      const items: StreamItem[] = [];
      if (greeting !== undefined) items.push(greeting(name, snapshot));
      if (since !== undefined) items.push(recoveredItem(name, snapshot));
      this.#session.sendItems([...items, ...snapshot.publications]);
      return 'join';
    });
  }
}

/** The first message to a client that reconnected: whether all it missed follows, and the channel's position then. */
const recoveredItem = (channel: string, { recovered, position }: Snapshot): StreamItem =>
  plainJsonItem({ type: 'channel.recovered', channel, recovered, ...(position !== undefined && { position }) });
