import type { ConnectionState } from './data/live-client.js';
import type { SymbolsAnswer } from './data/symbols.js';
import type { WatchFeed } from './data/watch-feed.js';
import { maxFavourites, type PreferenceStore } from './model/preferences.js';
import type { WatchEntry } from './model/watch-entry.js';
import type { WatchMoment } from './view/watch-row.js';
import { createWatchlistView, type WatchlistView } from './view/watchlist-view.js';

export interface WatchlistOptions {
  readonly feed: WatchFeed;
  readonly preferences: PreferenceStore;
  readonly moment: () => WatchMoment;
  readonly connection: () => ConnectionState;
  readonly symbols: () => SymbolsAnswer | undefined;
  /** Marks the list for painting. */
  readonly mark: () => void;
  readonly onOpen: (entry: WatchEntry) => void;
}

/** The list of all markets; its order, its filter and its favourites are kept for the next visit. */
export interface Watchlist extends WatchlistView {
  /** Marks the entries that are favourites now. */
  showFavourites(): void;
}

export const createWatchlist = (options: WatchlistOptions): Watchlist => {
  const { feed, preferences, moment, connection, symbols, mark, onOpen } = options;
  const { sort, order, filter } = preferences.value;
  const view = createWatchlistView({
    entries: feed.entries,
    sort: { key: sort, order },
    filter,
    moment,
    emptyText: () => (feed.entries.length > 0 ? 'No market matches the filter.' : reasonOf(connection(), symbols())),
    mark,
    onSort: (key, chosen) => preferences.set({ sort: key, order: chosen }),
    onFilter: (typed) => preferences.set({ filter: typed }),
    onSelect: onOpen,
    onFavourite(entry) {
      entry.setFavourite(!entry.isFavourite);
      const others = preferences.value.favourites.filter((key) => key !== entry.key);
      preferences.set({ favourites: entry.isFavourite ? [entry.key, ...others].slice(0, maxFavourites) : others });
    },
    onSeen: feed.wantPast,
  });

  const showFavourites = (): void => {
    for (const entry of feed.entries) entry.setFavourite(preferences.value.favourites.includes(entry.key));
    mark();
  };
  preferences.onFavourites(showFavourites);
  return { ...view, showFavourites };
};

/** Why the list has no markets yet. */
const reasonOf = (connection: ConnectionState, symbols: SymbolsAnswer | undefined): string => {
  if (connection.name === 'refused') return `${connection.problem.title}.`;
  if (symbols?.kind === 'away') return 'No prices right now: the server cannot reach their source.';
  if (symbols?.kind === 'none') return 'No symbols yet: nothing feeds this server.';
  return symbols === undefined ? 'Loading markets…' : 'The server does not answer yet.';
};
