import type { History } from '@tickwire/channel-layer';
import { type CatalogEntry, type Clock, catalogGroup, catalogGroupOf, catalogSchema } from '@tickwire/protocol';
import { createStateLog, type Logger } from '@tickwire/runtime';
import type { Publisher } from './publisher.js';

export interface CatalogOptions {
  readonly publisher: Pick<Publisher, 'publish' | 'pass'>;
  readonly history: Pick<History, 'newest'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Name of this producer's part; undefined for the part without a name. */
  readonly part: string | undefined;
  /** The instruments of this producer's feed, as known now. */
  readonly entries: () => readonly CatalogEntry[];
  readonly isLeading: () => boolean;
  readonly clock: Clock;
}

/**
 * The instruments of one part of the producers, on a group of its own. The leader publishes them; standbys compare
 * theirs.
 */
export interface Catalog {
  /** Called once elected. */
  publish(): void;
  /** Returns whether another producer publishes, or has published, the instruments that this one is to publish. */
  isPublished(): Promise<boolean>;
  /** Compares once; from then on publishes or compares, depending on its role, until it is closed. */
  start(): Promise<void>;
  /** On a standby: how its feed differs from the leader's, by the last comparison. */
  readonly difference: string | undefined;
  close(): void;
}

const publishMs = 30_000;
/**
 * The first price of a symbol shows its precision. Clients then get it without waiting for the next regular catalog.
 */
const changeMs = 1_000;
/** Gateways that have just started learn of a named part within this time. */
const announceMs = 2_000;
const compareMs = 10_000;
const maxNamed = 3;

export const createCatalog = (options: CatalogOptions): Catalog => {
  const { publisher, history, logger, part, entries, isLeading, clock } = options;
  const group = catalogGroupOf(part);
  let published = '';
  let difference: string | undefined;

  const publish = (): void => {
    const symbols = entries();
    published = JSON.stringify(symbols);
    publisher.publish(group, { type: 'feed.catalog', rts: clock.wall(), symbols });
  };

  const note = (now: string | undefined): void => {
    if (now === difference) return;
    difference = now;
    if (now === undefined) logger.info('the feed is that of the leader again');
    else logger.warn(now);
  };

  const comparing = createStateLog({
    logger,
    trouble: "the leader's catalog cannot be read: feeds are not compared",
    over: "the leader's catalog can be read again",
  });

  /** A catalog that cannot be read changes nothing. If history cannot be reached, the lease reports it. */
  const compare = async (): Promise<void> => {
    const [newest] = await history.newest([group], 1).catch(() => []);
    const message = newest?.messages[0];
    if (message === undefined || isLeading()) return;
    const read = catalogSchema.safeParse(message);
    if (!read.success) return comparing.failed({ err: read.error });
    comparing.worked();
    note(differenceOf(entries(), read.data.symbols));
  };

  const cancels = new Map<number, () => void>();
  const every = (ms: number, act: () => void): void => {
    const again = (): void => {
      cancels.set(ms, clock.after(ms, again));
      act();
    };
    cancels.set(ms, clock.after(ms, again));
  };

  return {
    publish,
    async isPublished() {
      // If history cannot be reached, this counts as published: then a newcomer only waits longer.
      const [newest] = await history.newest([group], 0).catch(() => []);
      return newest?.position !== null;
    },
    async start() {
      every(publishMs, () => {
        if (isLeading()) publish();
      });
      every(changeMs, () => {
        if (isLeading() && JSON.stringify(entries()) !== published) publish();
      });
      every(announceMs, () => {
        if (isLeading() && part !== undefined) publisher.pass(catalogGroup, { type: 'feed.part', part });
      });
      every(compareMs, () => {
        if (!isLeading()) void compare();
      });
      if (!isLeading()) await compare();
    },
    get difference() {
      return isLeading() ? undefined : difference;
    },
    close() {
      for (const cancel of cancels.values()) cancel();
    },
  };
};

const differenceOf = (own: readonly CatalogEntry[], leaders: readonly CatalogEntry[]): string | undefined => {
  const here = new Set(own.map(nameOf));
  const there = new Set(leaders.map(nameOf));
  const parts = [
    ...listOf(
      'without',
      [...there].filter((name) => !here.has(name)),
    ),
    ...listOf(
      'with',
      [...here].filter((name) => !there.has(name)),
    ),
  ];
  return parts.length === 0 ? undefined : `the feed is not that of the leader: ${parts.join(', and ')}`;
};

const nameOf = ({ venue, symbol }: CatalogEntry): string => `${venue} ${symbol}`;

const listOf = (word: string, names: readonly string[]): readonly string[] => {
  if (names.length === 0) return [];
  const others = names.length - maxNamed;
  return [`${word} ${names.slice(0, maxNamed).join(', ')}${others > 0 ? ` and ${others} more` : ''}`];
};
