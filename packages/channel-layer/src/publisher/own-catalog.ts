import { type CatalogEntry, catalogSchema, channelName, type OwnSymbol, reservedPrefix } from '@tickwire/protocol';
import type { GroupPublisher } from '../history.js';
import type { Message } from '../layer.js';

/** The symbols whose prices are published on your own channels, as known to all gateways and publishers. */
export interface OwnCatalog {
  readonly entries: readonly CatalogEntry[];
  /** Number of symbols known that are not listed, because as many as possible are. At most 1,000 are counted. */
  readonly unlisted: number;
  /** Whether the others have been sent every symbol known here. */
  readonly isAnnounced: boolean;
  /** Lists a symbol, and announces it to the others if it is new. Does not throw: what fails is reported to `log`. */
  add(entry: OwnSymbol): void;
  /** Resolves when what was being announced is announced, or has failed. */
  settled(): Promise<void>;
  close(): void;
}

export interface OwnCatalogOptions {
  /** Calls the listener with the newest message of the group, if there is one, and then with each new one. */
  readonly tap: (group: string, listener: (heard: { readonly message: Message }) => void) => Promise<() => void>;
  readonly publisher: GroupPublisher;
  /** Learns whether the others hear of the symbols. */
  readonly log: { failed(details: { readonly err: unknown }): void; worked(): void };
  /** Called once, with the first symbol that is not listed because `listed` others are. */
  readonly onFull: (first: OwnSymbol, listed: number) => void;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
}

/**
 * On this group gateways and publishers announce their symbols to each other. A gateway that starts begins with the group's history.
 */
const ownCatalogGroup = `${reservedPrefix}own-catalog`;
/** Symbols listed; further ones can be followed without being listed. */
const maxSymbols = 1_000;
const bounds = { historySize: 1, historyTtlMs: 2_592_000_000 };
/** History may have lost the list, or may expire. */
const repeatMs = 60_000;

/**
 * A process publishes its whole list when it learns of a symbol, or receives a list that lacks one. Whoever publishes
 * last has received the lists of the others, so all lists become equal. While prices come, one that nobody has sent for
 * a minute is sent again.
 * @throws what the layer throws when it cannot subscribe.
 */
export const openOwnCatalog = async (options: OwnCatalogOptions): Promise<OwnCatalog> => {
  const { tap, publisher, log, onFull, now = () => performance.now() } = options;
  const known = new Map<string, CatalogEntry>();
  const unlisted = new Set<string>();
  let entries: readonly CatalogEntry[] = [];
  let isOwed = false;
  /** When somebody sent the whole list. */
  let sentAt = now();
  let announcing: Promise<void> | undefined;

  const learn = (entry: OwnSymbol): boolean => {
    const name = nameOf(entry);
    const before = known.get(name);
    if (before === undefined && known.size >= maxSymbols) {
      if (unlisted.size === 0) onFull(entry, maxSymbols);
      if (unlisted.size < maxSymbols) unlisted.add(name);
      return false;
    }
    const after = before === undefined ? merged(entry, {}) : merged(before, entry.own);
    if (before !== undefined && isSame(before, after)) return false;
    known.set(name, after);
    entries = [...known.values()];
    return true;
  };
  const lacks = (symbols: readonly OwnSymbol[]): boolean =>
    symbols.length < known.size ||
    symbols.some((entry) => {
      const mine = known.get(nameOf(entry));
      return mine !== undefined && !isSame(mine, entry);
    });

  const announceAll = async (): Promise<void> => {
    try {
      while (isOwed) {
        isOwed = false;
        sentAt = now();
        const { outcome } = await publisher.publish(
          ownCatalogGroup,
          { type: 'feed.catalog', symbols: entries },
          bounds,
        );
        if (outcome !== 'published') throw new Error(`the catalog of own channels is ${outcome}`);
        log.worked();
      }
    } catch (error) {
      // The next publication tries again.
      isOwed = true;
      log.failed({ err: error });
    } finally {
      announcing = undefined;
    }
  };
  const announce = (): void => {
    announcing ??= announceAll();
  };

  const close = await tap(ownCatalogGroup, ({ message }) => {
    const parsed = catalogSchema.safeParse(message);
    if (!parsed.success) return;
    const { symbols } = parsed.data;
    for (const entry of symbols) learn(entry);
    if (!lacks(symbols)) {
      sentAt = now();
      return;
    }
    isOwed = true;
    announce();
  });

  return {
    get entries() {
      return entries;
    },
    get unlisted() {
      return unlisted.size;
    },
    get isAnnounced() {
      return !isOwed && announcing === undefined;
    },
    add(entry) {
      if (learn(entry) || now() - sentAt >= repeatMs) isOwed = true;
      if (isOwed) announce();
    },
    settled: () => announcing ?? Promise.resolve(),
    close,
  };
};

const nameOf = ({ venue, symbol }: OwnSymbol): string => `${venue}.${symbol}`;

const isSame = (a: OwnSymbol, b: OwnSymbol): boolean =>
  a.own !== undefined && b.own !== undefined && a.own.ticker === b.own.ticker && a.own.trade === b.own.trade;

/**
 * If several channels have the prices of a symbol, all gateways list the same one: the channel with its name, or else
 * the first.
 */
const merged = ({ venue, symbol, own: before }: OwnSymbol, more: OwnSymbol['own']): OwnSymbol => {
  const choose = (kind: 'ticker' | 'trade'): string | undefined => {
    const named = channelName(kind, venue, symbol);
    const candidates = [before?.[kind], more?.[kind]].filter((name) => name !== undefined).sort();
    return candidates.includes(named) ? named : candidates[0];
  };
  const [ticker, trade] = [choose('ticker'), choose('trade')];
  return { venue, symbol, own: { ...(ticker !== undefined && { ticker }), ...(trade !== undefined && { trade }) } };
};
