import type { StreamSource } from './binance-stream.js';
import { type Book, bookOf, bookUpdateText, createBookUpdates, isSameBook, partialBookText } from './book.js';
import { createKlineSource } from './kline-source.js';
import { createAveragePriceSource, createRollingSource, dayTickerText } from './minutes-source.js';
import { type Fields, UnmappableMessage } from './payload-fields.js';
import { type EventContext, payloads } from './payloads.js';
import { StreamEvent } from './stream-event.js';
import type { StreamSpec } from './stream-name.js';
import { type SourceOptions, tap, unmappable } from './stream-tap.js';
import { binanceName } from './symbols.js';

/** Where the events of one symbol's stream come from. */
export const createStreamSource = (options: SourceOptions, spec: StreamSpec): StreamSource => {
  switch (spec.kind) {
    case 'ticker':
    case 'miniTicker': {
      const payload = payloads[spec.kind];
      return pacedSource(options, spec, ({ message, name, unit }) => payload(message, name, unit));
    }
    case 'rolling':
      return spec.window === '1d'
        ? pacedSource(options, spec, dayTickerText)
        : createRollingSource(options, spec.window);
    case 'avgPrice':
      return createAveragePriceSource(options);
    case 'bookTicker':
      return changedQuoteSource(options);
    case 'book':
      return bookSource(options, spec);
    case 'bookUpdate':
      return bookUpdateSource(options, spec);
    case 'kline':
      return createKlineSource(options, spec);
    default:
      return everyMessage(options, spec.kind);
  }
};

/** The source of one symbol in an array of all. The array is sent once a second, so this needs no pace of its own. */
export const createPartSource = (options: SourceOptions, spec: StreamSpec): StreamSource => {
  const name = binanceName(options.entry);
  if (spec.kind === 'ticker' || spec.kind === 'miniTicker') return everyMessage(options, spec.kind);
  if (spec.kind !== 'rolling' || spec.window !== '1d') return createStreamSource(options, spec);
  return {
    start: (publish) =>
      tap(options, spec, (message) =>
        publish(new StreamEvent(options.name, (unit) => dayTickerText({ message, name, unit }))),
      ),
  };
};

const everyMessage = (options: SourceOptions, kind: keyof typeof payloads): StreamSource => ({
  start: (publish) => tap(options, { kind }, (message) => publish(eventOf(options, kind, message))),
});

const eventOf = ({ name, entry }: SourceOptions, kind: keyof typeof payloads, message: Fields): StreamEvent =>
  new StreamEvent(name, (unit) => payloads[kind](message, binanceName(entry), unit));

/** The first at once, then the newest each second, if there is one. */
const pacedSource = (
  options: SourceOptions,
  spec: StreamSpec,
  textOf: (context: EventContext) => string,
): StreamSource => ({
  async start(publish) {
    const name = binanceName(options.entry);
    const publishEvent = (message: Fields): void =>
      publish(new StreamEvent(options.name, (unit) => textOf({ message, name, unit })));
    let waiting: Fields | undefined;
    let isFirst = true;
    const untap = await tap(options, spec, (message) => {
      if (isFirst) publishEvent(message);
      else waiting = message;
      isFirst = false;
    });
    const unpace = options.paces[1_000].add(() => {
      if (waiting === undefined) return;
      publishEvent(waiting);
      waiting = undefined;
    });
    return () => {
      untap();
      unpace();
    };
  },
});

/** Only where the best bid or ask moved: a ticker comes for a new last price as well. */
const changedQuoteSource = (options: SourceOptions): StreamSource => ({
  start(publish) {
    let known: Fields = {};
    return tap(options, { kind: 'bookTicker' }, (message) => {
      // A side that became empty has moved as well.
      if (quoteFields.every((field) => message[field] === known[field])) return;
      known = message;
      publish(eventOf(options, 'bookTicker', message));
    });
  },
});

const quoteFields = ['bid', 'bidSize', 'ask', 'askSize'] as const;

type BookSpec = Extract<StreamSpec, { readonly kind: 'book' | 'bookUpdate' }>;

/** The book as it is, where it changed. */
const bookSource = (options: SourceOptions, spec: BookSpec): StreamSource =>
  pacedBooks(options, spec, () => {
    let published: Book | undefined;
    return {
      add() {},
      take(book) {
        if (published !== undefined && isSameBook(published, book)) return undefined;
        published = book;
        return () => partialBookText(book);
      },
    };
  });

/** What changed in the book. */
const bookUpdateSource = (options: SourceOptions, spec: BookSpec): StreamSource =>
  pacedBooks(options, spec, () => {
    const updates = createBookUpdates();
    return {
      add: updates.add,
      take() {
        const update = updates.take();
        return update && (({ message, name, unit }) => bookUpdateText(update, message, name, unit));
      },
    };
  });

interface BookEvents {
  /** Takes every book of the channel, in order. */
  add(book: Book): void;
  /** Returns the text of the event due now, made of the newest book; undefined if nothing changed. */
  take(book: Book): ((context: EventContext) => string) | undefined;
}

/** The first at once, then one a turn at most. */
const pacedBooks = (options: SourceOptions, spec: BookSpec, createEvents: () => BookEvents): StreamSource => ({
  async start(publish) {
    const name = binanceName(options.entry);
    const events = createEvents();
    let waiting: { readonly book: Book; readonly message: Fields } | undefined;
    let isFirst = true;
    const publishNewest = (): void => {
      if (waiting === undefined) return;
      const { book, message } = waiting;
      waiting = undefined;
      const textOf = events.take(book);
      if (textOf) publish(new StreamEvent(options.name, (unit) => textOf({ message, name, unit })));
    };
    const untap = await tap(options, spec, (message) => {
      try {
        const book = bookOf(message);
        events.add(book);
        waiting = { book, message };
      } catch (error) {
        if (!(error instanceof UnmappableMessage)) throw error;
        publish(unmappable(options.name, error));
      }
      if (isFirst) publishNewest();
      isFirst = false;
    });
    const unpace = options.paces[spec.paceMs].add(publishNewest);
    return () => {
      untap();
      unpace();
    };
  },
});
