import { decimalOr, eventTime, type Fields, type TimeUnit, updateId } from './payload-fields.js';

/** Price and size; at most one, since the best is all that is known. */
export type Levels = readonly (readonly [price: string, size: string])[];

export interface Book {
  readonly id: number;
  readonly bids: Levels;
  readonly asks: Levels;
}

/** The book as far as a ticker shows it. A side that is empty, or of unknown size, has no level. @throws UnmappableMessage */
export const bookOf = (ticker: Fields): Book => ({
  id: updateId(ticker),
  bids: levelsOf(ticker, 'bid', 'bidSize'),
  asks: levelsOf(ticker, 'ask', 'askSize'),
});

const levelsOf = (ticker: Fields, priceKey: string, sizeKey: string): Levels => {
  const price = decimalOr(ticker, priceKey, '0');
  const size = decimalOr(ticker, sizeKey, '0');
  return /[1-9]/.test(price) && /[1-9]/.test(size) ? [[price, size]] : [];
};

export const isSameBook = (a: Book, b: Book): boolean => isSameSide(a.bids, b.bids) && isSameSide(a.asks, b.asks);

const isSameSide = ([a]: Levels, [b]: Levels): boolean => a?.[0] === b?.[0] && a?.[1] === b?.[1];

export const partialBookText = ({ id, bids, asks }: Book): string =>
  `{"lastUpdateId":${id},"bids":${JSON.stringify(bids)},"asks":${JSON.stringify(asks)}}`;

/** What changed since the last event, for a client that keeps a book of its own. */
export interface BookUpdate {
  /** Behind the last event's `lastId` without a hole. */
  readonly firstId: number;
  readonly lastId: number;
  readonly bids: Levels;
  readonly asks: Levels;
}

/**
 * Makes updates of books. A client may begin with a book between two of them: an update takes every level away that any
 * book since the last one had, so that whatever it began with, it ends with the newest.
 */
export interface BookUpdates {
  add(book: Book): void;
  /** Returns one update for all books added since the last call; undefined if nothing changed. */
  take(): BookUpdate | undefined;
}

export const createBookUpdates = (): BookUpdates => {
  let published: Book | undefined;
  let newest: Book | undefined;
  let lastId = 0;
  const bidsGone = new Set<string>();
  const asksGone = new Set<string>();

  return {
    add(book) {
      const before = newest ?? published;
      if (before !== undefined && isSameBook(before, book)) return;
      for (const [price] of before?.bids ?? []) bidsGone.add(price);
      for (const [price] of before?.asks ?? []) asksGone.add(price);
      newest = book;
    },
    take() {
      if (newest === undefined) return undefined;
      const book = newest;
      const firstId = published === undefined ? book.id : lastId + 1;
      // A clock that was set back must not make an update look old.
      lastId = Math.max(firstId, book.id);
      const update = { firstId, lastId, bids: sideOf(book.bids, bidsGone), asks: sideOf(book.asks, asksGone) };
      published = book;
      newest = undefined;
      bidsGone.clear();
      asksGone.clear();
      return update;
    },
  };
};

/** As Binance writes it: some clients compare the text. */
const noSize = '0.00000000';

const sideOf = (levels: Levels, gone: Set<string>): Levels => {
  for (const [price] of levels) gone.delete(price);
  return [...levels, ...[...gone].map((price) => [price, noSize] as const)];
};

export const bookUpdateText = (
  { firstId, lastId, bids, asks }: BookUpdate,
  message: Fields,
  name: string,
  unit: TimeUnit,
): string =>
  `{"e":"depthUpdate","E":${eventTime(message, unit)},"s":"${name}","U":${firstId},"u":${lastId},"b":${JSON.stringify(bids)},"a":${JSON.stringify(asks)}}`;
