import type { OwnChannels, OwnSymbol } from '@tickwire/protocol';
import { LayerUnavailable, RedisUnavailable } from '../errors.js';
import type { GroupPublisher, History } from '../history.js';
import type { GroupLayer } from '../layer.js';
import { type OwnCatalog, type OwnCatalogOptions, openOwnCatalog } from './own-catalog.js';

export interface PublisherCatalogOptions {
  readonly layer: GroupLayer;
  readonly history: History & GroupPublisher;
  readonly channels: OwnChannels;
  /** Learns why symbols are not announced; once until they are. */
  readonly onUnlisted: (error: unknown) => void;
  readonly onFull: OwnCatalogOptions['onFull'];
}

export interface PublisherCatalog extends Pick<OwnCatalog, 'add' | 'unlisted'> {
  /** Resolves when what waited to be announced is announced, or reported as not announced. */
  close(): Promise<void>;
}

/** Symbols that wait for the catalog to be opened; of further ones, as many are counted. */
const maxWaiting = 1_000;

/**
 * Announces the symbols of prices to the gateways. It never delays a publication: while Redis is away symbols wait, and
 * are announced when it is back.
 */
export const openPublisherCatalog = (options: PublisherCatalogOptions): PublisherCatalog => {
  const { layer, history, channels, onUnlisted } = options;
  if (channels.rules.every(({ schema }) => schema === 'json')) return { add() {}, unlisted: 0, async close() {} };
  const waiting = new Map<string, OwnSymbol>();
  /** Symbols that found no room there. */
  const excess = new Set<string>();
  let isFull = false;
  let catalog: OwnCatalog | undefined;
  let opening: Promise<void> | undefined;
  let isTroubled = false;
  let isClosed = false;
  let reread = (): Promise<void> => Promise.resolve();

  const onFull: PublisherCatalogOptions['onFull'] = (first, listed) => {
    if (!isFull) options.onFull(first, listed);
    isFull = true;
  };

  const log = {
    failed: ({ err }: { readonly err: unknown }): void => {
      // Being away is reported by the layer.
      if (isClosed || err instanceof LayerUnavailable || err instanceof RedisUnavailable) return;
      if (!isTroubled) onUnlisted(err);
      isTroubled = true;
    },
    worked: (): void => {
      isTroubled = false;
    },
  };

  const tap: Parameters<typeof openOwnCatalog>[0]['tap'] = async (group, listener) => {
    const unlisten = await layer.groupListen(group, (message) => listener({ message }));
    reread = async () => {
      const [range] = await history.newest([group], 1);
      for (const message of range?.messages ?? []) listener({ message });
    };
    await reread().catch(async (error: unknown) => {
      await unlisten();
      throw error;
    });
    return () => void unlisten().catch(() => {});
  };

  const open = async (): Promise<void> => {
    try {
      if (catalog !== undefined) return await reread();
      const made = await openOwnCatalog({ tap, publisher: history, log, onFull });
      if (isClosed) return made.close();
      catalog = made;
      for (const symbol of waiting.values()) made.add(symbol);
      waiting.clear();
      // They are added with their next publication.
      excess.clear();
    } catch (error) {
      log.failed({ err: error });
    } finally {
      opening = undefined;
    }
  };
  const openOnce = (): void => {
    if (!isClosed) opening ??= open();
  };

  const unwatch = layer.onEvent(({ type }) => {
    if (type === 'restored') openOnce();
  });
  openOnce();

  const wait = (symbol: OwnSymbol): void => {
    const name = JSON.stringify(symbol);
    if (waiting.has(name) || excess.has(name)) return;
    if (waiting.size < maxWaiting) return void waiting.set(name, symbol);
    if (excess.size < maxWaiting) excess.add(name);
    onFull(symbol, maxWaiting);
  };

  return {
    add(symbol) {
      if (catalog !== undefined) return catalog.add(symbol);
      wait(symbol);
      openOnce();
    },
    get unlisted() {
      return catalog?.unlisted ?? excess.size;
    },
    async close() {
      unwatch();
      if (waiting.size > 0) openOnce();
      await opening;
      await catalog?.settled();
      isClosed = true;
      if (waiting.size > 0 || catalog?.isAnnounced === false)
        onUnlisted(new Error('the publisher was closed before its symbols could be announced'));
      catalog?.close();
    },
  };
};
