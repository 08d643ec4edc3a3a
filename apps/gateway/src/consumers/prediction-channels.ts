import type { Hub, Session, Snapshot, StreamItem, SubscribeOptions } from '@tickwire/hub';
import { type Position, parseChannelName } from '@tickwire/protocol';
import type { SymbolCatalog } from '../catalog.js';
import { plainJsonItem } from './plain-json-item.js';

interface FollowOptions extends Pick<SubscribeOptions, 'intervalMs' | 'last'> {
  /** Where the client was, by channel. */
  readonly since: ReadonlyMap<string, Position>;
}

/** The channels one client of the plain JSON socket follows. */
export interface PredictionChannels {
  /** Those it follows and those on their way. */
  readonly size: number;
  has(name: string): boolean;
  /** A producer that has not told its symbols yet may still come: then any well-formed name will do. */
  isKnown(name: string): boolean;
  /** Begins with `greeting` where there is one, then the snapshot. Resolves when all are followed. */
  follow(names: readonly string[], options: FollowOptions, greeting?: Greeting): Promise<void>;
  leave(name: string): void;
}

/** What stands before the first publication of a channel. */
export type Greeting = (channel: string, snapshot: Snapshot) => StreamItem;

export const createPredictionChannels = (
  hub: Hub,
  catalog: Pick<SymbolCatalog, 'entries' | 'has'>,
  session: Session,
): PredictionChannels => {
  const followed = new Set<string>();

  const followOne = (name: string, options: FollowOptions, greeting: Greeting | undefined): Promise<void> => {
    const { since: positions, ...rest } = options;
    const since = positions.get(name);
    followed.add(name);
    return hub.subscribe(session, name, { ...rest, ...(since !== undefined && { since }) }, (snapshot) => {
      const items: StreamItem[] = [];
      if (greeting !== undefined) items.push(greeting(name, snapshot));
      if (since !== undefined) items.push(recoveredItem(name, snapshot));
      session.sendItems([...items, ...snapshot.publications]);
    });
  };

  return {
    get size() {
      return followed.size;
    },
    has: (name) => followed.has(name),
    isKnown(name) {
      const address = parseChannelName(name);
      return address !== undefined && (catalog.entries.length === 0 || catalog.has(address));
    },
    async follow(names, options, greeting) {
      await Promise.all(names.map((name) => followOne(name, options, greeting)));
    },
    leave(name) {
      followed.delete(name);
      hub.unsubscribe(session, name);
    },
  };
};

/** Told first to a client that came back: whether all it missed follows, and where the channel stands then. */
const recoveredItem = (channel: string, { recovered, position }: Snapshot): StreamItem =>
  plainJsonItem({ type: 'channel.recovered', channel, recovered, ...(position !== undefined && { position }) });
